/// Launch plans, and the only room that may start a process. Start with [io.berth.process.LaunchPlan].
@NullMarked
package io.berth.process;

import org.jspecify.annotations.NullMarked;
