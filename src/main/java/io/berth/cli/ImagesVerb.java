package io.berth.cli;

import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.image.json.JsonText;
import io.berth.store.ImageEntry;
import io.berth.store.ImageStore;
import io.berth.store.StoredImage;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// Source: udocker 1.3, "Listings".
final class ImagesVerb implements Verb {
    private static final long MEGABYTE = 1 << 20;

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("images", "List the images in the repository");
        spec.addOption(Model.flag("with their folders and layers", "-l"));
        spec.addOption(Model.flag("with their platforms", "-p"));
        spec.addOption(Model.flag("do not cut lines at the width of the terminal", "--no-trunc"));
        spec.addOption(Model.flag("accepted for docker's sake: all images are listed anyway", "--all"));
        spec.addOption(Model.flag("as JSON", "--json"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        ImageStore images = session.toolbox().existingRepository().images();
        boolean layers = Model.has(parsed, "-l");
        boolean platforms = Model.has(parsed, "-p");
        if (Model.has(parsed, "--json")) {
            List<Map<String, Object>> rows =
                    images.entries().stream().map(image -> json(image, images)).toList();
            session.out().println(JsonText.of(rows));
            return ExitCode.DONE;
        }
        Rows rows = new Rows(session, Model.has(parsed, "--no-trunc"));
        if (!session.quiet()) {
            rows.print("REPOSITORY");
        }
        for (ImageEntry image : images.entries()) {
            String flag = image.isProtected() ? "P" : ".";
            rows.print(
                    platforms
                            ? Rows.padded(cut(platform(image, images)), 18) + " " + flag + " " + image.name()
                            : image.name() + "    " + flag);
            if (layers) {
                rows.print(" " + image.folder());
                images.blobsOf(image)
                        .forEach((file, bytes) -> rows.print("    /" + file + " (" + bytes / MEGABYTE + " MB)"));
            }
        }
        return ExitCode.DONE;
    }

    private static String cut(String platform) {
        return platform.length() > 18 ? platform.substring(0, 18) : platform;
    }

    private static Map<String, Object> json(ImageEntry image, ImageStore images) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", image.name());
        json.put("protected", image.isProtected());
        json.put("platform", platform(image, images));
        json.put("folder", pathText(image.folder()));
        json.put("layers", images.blobsOf(image));
        return json;
    }

    private static String pathText(Path path) {
        return path.toString();
    }

    /// An image that cannot be read is listed all the same.
    private static String platform(ImageEntry image, ImageStore images) {
        try {
            return images.find(ImageReference.parse(image.name()))
                    .map(StoredImage::config)
                    .map(config -> config.platform().toString())
                    .orElse("unknown");
        } catch (FaultException e) {
            return "unknown";
        }
    }
}
