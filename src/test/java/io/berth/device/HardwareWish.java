package io.berth.device;

import io.berth.container.DeviceWish;
import io.berth.container.EngineWishes;
import io.berth.container.RunChoices;
import io.berth.container.Tree;
import io.berth.image.ImageConfig;
import io.berth.image.Platform;
import java.util.List;
import java.util.Optional;

/// What is found for a start that asks for nothing but hardware.
final class HardwareWish {
    private HardwareWish() {}

    /// @param asked variables of the request, `NAME=VALUE`
    /// @param imageEnv those of the image
    static HostDevices.Found find(
            HostDevices.Places places, List<String> asked, List<String> imageEnv, DeviceWish wish, Tree tree) {
        RunChoices choices = new RunChoices(
                new RunChoices.Shown(List.of(), List.of(), List.of(), List.of(), true, false, false),
                new RunChoices.Variables(asked, List.of(), false),
                new RunChoices.Account(Optional.empty(), RunChoices.AccountFiles.COMPLETED),
                new RunChoices.Program(Optional.empty(), List.of(), Optional.empty(), true),
                EngineWishes.none(),
                wish);
        ImageConfig config =
                new ImageConfig(Platform.parse("linux/amd64"), imageEnv, List.of(), List.of(), "", "", List.of());
        return new HostDevices(places).find(choices, config, tree);
    }
}
