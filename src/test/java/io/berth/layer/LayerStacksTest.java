package io.berth.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.files.TreeRemoval;
import io.berth.layer.OverlayModel.Entry;
import io.berth.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random stacks of layers against a model that is too simple to be wrong.
class LayerStacksTest {
    private static final long FIRST_SEED = 20261124;
    private static final int STACKS = 400;

    @TempDir
    Path folder;

    @Test
    void random_stacks_come_to_what_the_model_says() throws IOException {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + STACKS; seed++) {
            check(seed);
        }
    }

    private void check(long seed) throws IOException {
        Random random = new Random(seed);
        OverlayModel model = new OverlayModel();
        List<List<Entry>> stack = new ArrayList<>();
        for (int layer = 1 + random.nextInt(4); layer > 0; layer--) {
            List<Entry> entries = layer(random, model);
            model.apply(entries);
            stack.add(entries);
        }
        Path root = Files.createTempDirectory(folder, "tree");
        List<LayerFile> files = stack.stream()
                .map(entries -> ArchiveFixture.layer(folder, archive(entries).plain()))
                .toList();
        new LayerUnpacker().unpack(files, root, UnpackOptions.writable(), Progress.none());
        assertThat(TreeListing.of(root).stream().sorted().toList())
                .as("seed %d: %s", seed, stack)
                .isEqualTo(model.listing().stream().sorted().toList());
        TreeRemoval.remove(root);
    }

    private static List<Entry> layer(Random random, OverlayModel below) {
        List<Entry> entries = new ArrayList<>();
        List<String> linkable = new ArrayList<>(below.files());
        for (int i = random.nextInt(10); i > 0; i--) {
            entries.add(entry(random));
        }
        // hard links go to names that nothing else in this layer touches, so that they surely exist
        linkable.removeIf(name -> entries.stream().anyMatch(entry -> related(entry.name(), name)));
        if (!linkable.isEmpty() && random.nextBoolean()) {
            entries.add(new Entry('h', "hard", 0644, linkable.get(random.nextInt(linkable.size()))));
        }
        return entries;
    }

    private static boolean related(String a, String b) {
        return a.isEmpty() || (a + "/").startsWith(b + "/") || (b + "/").startsWith(a + "/");
    }

    private static Entry entry(Random random) {
        String name = name(random);
        return switch (random.nextInt(10)) {
            case 0, 1, 2 -> new Entry('d', name, random.nextBoolean() ? 0755 : 0700, "");
            case 3, 4, 5, 6 -> new Entry('f', name, random.nextBoolean() ? 0644 : 0755, "f" + random.nextInt(1000));
            // links are leaves here; ways through links have cases of their own
            case 7 -> new Entry('l', name + "/l", 0777, "anywhere");
            case 8 -> new Entry('w', name, 0, "");
            default -> new Entry('o', name, 0, "");
        };
    }

    private static String name(Random random) {
        StringBuilder name = new StringBuilder();
        for (int depth = 1 + random.nextInt(3); depth > 0; depth--) {
            name.append(name.isEmpty() ? "" : "/").append((char) ('a' + random.nextInt(3)));
        }
        return name.toString();
    }

    private static ArchiveFixture archive(List<Entry> entries) {
        ArchiveFixture tar = new ArchiveFixture();
        for (Entry entry : entries) {
            String name = entry.name();
            switch (entry.type()) {
                case 'd' -> tar.folder(name, entry.mode());
                case 'f' -> tar.file(name, entry.mode(), entry.text());
                case 'l' -> tar.link(name, entry.text());
                case 'h' -> tar.hard(name, entry.text());
                case 'w' ->
                    tar.whiteout(name.substring(0, name.lastIndexOf('/') + 1)
                            + ".wh."
                            + name.substring(name.lastIndexOf('/') + 1));
                default -> tar.whiteout(name + "/.wh..wh..opq");
            }
        }
        return tar;
    }
}
