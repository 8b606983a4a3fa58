/// Hardware of the host: NVIDIA's driver, CDI specifications, fabric devices; found on this node and turned into mounts
/// and variables. Nothing is copied into an image. Start with [io.berth.device.HostDevices].
@NullMarked
package io.berth.device;

import org.jspecify.annotations.NullMarked;
