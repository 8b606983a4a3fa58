package io.berth.ready;

import io.berth.fault.FaultException;
import io.berth.files.TreeCopy;
import io.berth.image.Digest;
import io.berth.process.Mount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A tree for an F mode beside the one that it is made of: files that do not change are the same ones by hard
/// links, and mounts are links or copies in it.
///
/// @param mode by udocker's name
/// @param mounts that the start wants; those in place need nothing
/// @param copied folder whose files are copied instead of linked to, since they are gone before the tree is
public record ReadyCopy(String mode, List<Mount> mounts, Path copied, Optional<Patchelf> patchelf) {
    /// Changes when what is made of the same tree would differ.
    private static final String FORMAT = "1";

    public ReadyCopy {
        mounts = List.copyOf(mounts);
    }

    /// The same for copies of one tree that are the same.
    public String key() {
        StringBuilder parts = new StringBuilder(FORMAT).append(Readiness.of(mode));
        for (Mount mount : mounts) {
            if (VolumeLinks.isWanted(mount) && mount instanceof Mount.Bind bind) {
                parts.append('\0').append(bind.target()).append('\0');
                parts.append(isCopied(bind) ? contents(bind.source()) : bind.source());
            }
        }
        return Digest.sha256Of(parts.toString().getBytes(StandardCharsets.UTF_8))
                .shortened();
    }

    private boolean isCopied(Mount.Bind bind) {
        return bind.source().startsWith(copied) && Files.isRegularFile(bind.source());
    }

    private static String contents(Path file) {
        try {
            return Digest.sha256Of(Files.readAllBytes(file)).toString();
        } catch (IOException e) {
            throw FaultException.io("reading " + file, e);
        }
    }

    /// @param root empty folder for the copy, on the same file system
    /// @param address real path that the copy is going to have
    public void make(Path original, Path root, Path address) {
        TreeCopy.link(original, root);
        change(root, address, root.resolveSibling("drafts"));
    }

    /// Makes a tree ready that is nobody else's.
    public void change(Path root, Path address, Path drafts) {
        try (Replacement replacement = new Replacement(root, drafts, Optional.empty())) {
            TreePreparation.prepare(root, address.toString(), mode, patchelf, replacement);
            for (Mount mount : mounts) {
                if (VolumeLinks.isWanted(mount) && mount instanceof Mount.Bind bind) {
                    show(bind, VolumeLinks.placeOf(root, bind.target()).path(), replacement);
                }
            }
        } catch (IOException e) {
            throw FaultException.io("preparing " + root + " for mode " + mode, e);
        }
    }

    private void show(Mount.Bind bind, Path place, Replacement replacement) throws IOException {
        Path draft = replacement.draft();
        if (isCopied(bind)) {
            Files.copy(bind.source(), draft);
        } else {
            Files.createSymbolicLink(draft, bind.source().toRealPath());
        }
        replacement.set(draft, place);
    }
}
