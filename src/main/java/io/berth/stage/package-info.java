/// The node-local repository: tickets, leases, trees. Start with [io.berth.stage.NodeStage].
@NullMarked
package io.berth.stage;

import org.jspecify.annotations.NullMarked;
