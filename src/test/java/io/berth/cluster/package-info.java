/// Whole jobs on a real Slurm cluster of several nodes. Start with [io.berth.cluster.ClusterIT].
@NullMarked
package io.berth.cluster;

import org.jspecify.annotations.NullMarked;
