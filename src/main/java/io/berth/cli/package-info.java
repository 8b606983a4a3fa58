/// One command per file; the only room that prints. Start with [io.berth.cli.Cli].
@NullMarked
package io.berth.cli;

import org.jspecify.annotations.NullMarked;
