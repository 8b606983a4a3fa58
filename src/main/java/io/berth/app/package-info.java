/// One class per verb. The two flows of the design read straight down in [io.berth.app.PullImage],
/// [io.berth.app.CreateContainer], [io.berth.app.PlanRun] and [io.berth.app.PrepareNode].
@NullMarked
package io.berth.app;

import org.jspecify.annotations.NullMarked;
