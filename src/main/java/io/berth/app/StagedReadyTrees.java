package io.berth.app;

import io.berth.container.ContainerSpec;
import io.berth.container.Tree;
import io.berth.engine.ExecutionMode;
import io.berth.files.Folders;
import io.berth.ready.Patchelf;
import io.berth.ready.ReadyCopy;
import io.berth.stage.NodeStage;
import io.berth.stage.StagedImage;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/// Trees of the node's stage for modes that need one that is changed.
final class StagedReadyTrees implements ReadyTrees {
    private final Optional<String> objection;
    private final Optional<Patchelf> patchelf;
    private final Path scratch;
    private final Function<ReadyCopy, Tree> maker;

    private StagedReadyTrees(
            Optional<String> objection, Optional<Patchelf> patchelf, Path scratch, Function<ReadyCopy, Tree> maker) {
        this.objection = objection;
        this.patchelf = patchelf;
        this.scratch = scratch;
        this.maker = maker;
    }

    /// @param objection as the end of "MODE cannot ..."
    static ReadyTrees none(String objection) {
        return new StagedReadyTrees(Optional.of(objection), Optional.empty(), Path.of("/"), _ -> {
            throw new IllegalStateException("a tree without an objection only");
        });
    }

    /// A tree that the step has for itself.
    ///
    /// @param scratch the step's folder of files made for its start
    static ReadyTrees inPlace(Path root, Path scratch, Optional<Patchelf> patchelf) {
        return new StagedReadyTrees(Optional.empty(), patchelf, scratch, copy -> {
            copy.change(root, Folders.real(root), root.resolveSibling("drafts"));
            return new Tree(root, false);
        });
    }

    /// Beside the image's tree, which other jobs use as it is.
    static ReadyTrees beside(NodeStage node, StagedImage image, Path scratch, Optional<Patchelf> patchelf) {
        return new StagedReadyTrees(
                Optional.empty(),
                patchelf,
                scratch,
                copy -> new Tree(
                        node.variant(image, copy.key(), (root, address) -> copy.make(image.root(), root, address)),
                        true));
    }

    @Override
    public Optional<String> objection(ExecutionMode mode, ContainerSpec spec) {
        return objection;
    }

    @Override
    public ContainerSpec ready(ExecutionMode mode, ContainerSpec spec) {
        return spec.in(maker.apply(new ReadyCopy(mode.name(), spec.mounts(), scratch, patchelf)));
    }
}
