package io.berth.stage;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.Folders;
import io.berth.files.LockFile;
import io.berth.files.TreeRemoval;
import io.berth.files.UnixStat;
import io.berth.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The node-local repository of one user.
///
/// Whatever is not complete is invisible: trees and plans are made under other names, under a lease that dies with
/// its owner, and renamed. What a killed owner left is removed by the next owner of the same lease.
public final class NodeStage {
    private static final Pattern STEP_LEASE = Pattern.compile("job-([^.]+\\.[0-9]+)-.*");

    private final StageLayout layout;
    private final String bootId;
    private final Duration patience;

    private NodeStage(StageLayout layout, String bootId, Duration patience) {
        this.layout = layout;
        this.bootId = bootId;
        this.patience = patience;
    }

    /// Errors: NOT_ALLOWED when the place cannot be written or belongs to someone else.
    ///
    /// @param bootId of the running kernel
    /// @param patience how long to wait for another process that stages the same thing
    public static NodeStage open(StageLayout layout, long uid, String bootId, Duration patience) {
        Folders.makePrivate(layout.base(), uid);
        Folders.makePrivate(layout.images(), uid);
        Folders.makePrivate(layout.variants(), uid);
        Folders.makePrivate(layout.jobs(), uid);
        Folders.makePrivate(layout.leases(), uid);
        return new NodeStage(layout, bootId, patience);
    }

    /// One process per step gets [StageTicket.Owner]; the others wait and get [StageTicket.Ready].
    ///
    /// Errors: BUSY; BAD_INPUT for a step's name that would lead elsewhere.
    public StageTicket enter(JobKey job, String step) {
        requireName(step);
        StepFolder folder = layout.step(job, step);
        if (Files.exists(folder.ready())) {
            return new StageTicket.Ready(folder);
        }
        LockFile lease = LockFile.acquire(layout.stepLease(job, step), patience, "step " + step + " of job " + job);
        if (Files.exists(folder.ready())) {
            lease.close();
            return new StageTicket.Ready(folder);
        }
        // we hold the lease, so whoever left this is dead
        TreeRemoval.remove(folder.folder());
        Folders.make(folder.folder());
        Folders.make(folder.meeting());
        return new StageTicket.Owner(folder, lease);
    }

    /// Says which image the step is going to use, so that its tree is not swept from now on.
    public void claim(StageTicket.Owner owner, Digest image) {
        AtomicFile.write(owner.step().image(), image.hex() + "\n", "rw-------");
    }

    /// Makes the step usable; the marker comes last.
    ///
    /// @param mpi how its ranks are to be started
    public void publish(StageTicket.Owner owner, String plan, String explanation, String mpi) {
        StepFolder step = owner.step();
        AtomicFile.write(step.mpi(), mpi, "rw-------");
        AtomicFile.write(step.explanation(), explanation, "rw-------");
        AtomicFile.write(step.plan(), plan, "rw-------");
        AtomicFile.write(step.ready(), "", "rw-------");
    }

    /// Leaves nothing of a step that could not be made.
    public void abandon(StageTicket.Owner owner, JobKey job) {
        TreeRemoval.remove(owner.step().folder());
        Folders.removeIfEmpty(layout.job(job));
    }

    /// Removes what another step of the job has here, which nobody is going to use: another one takes its place.
    public void drop(StageTicket.Owner owner, String other) {
        requireName(other);
        TreeRemoval.remove(owner.step().folder().resolveSibling(other));
    }

    private static void requireName(String step) {
        if (!step.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")) {
            throw FaultException.badInput(
                    "naming a step '" + step + "': names have letters, digits, '_', '.' and '-'", "try --step=run");
        }
    }

    /// Whether the image's tree is here and can be used.
    public boolean holds(Digest digest) {
        return isWhole(layout.image(digest));
    }

    /// The image's tree, unpacked now if no job has done it since the node was started.
    public StagedImage image(Digest digest, TreeSource source) {
        Path folder = layout.image(digest);
        if (isWhole(folder)) {
            remember(folder);
        } else {
            try (LockFile lease = LockFile.acquire(
                    layout.imageLease(digest), patience, "the unpacking of image " + digest.shortened())) {
                if (!isWhole(folder)) {
                    unpack(digest, source, folder);
                }
            }
        }
        return new StagedImage(digest, folder.resolve("rootfs"), AtomicFile.read(folder.resolve("config.json")));
    }

    /// That it was asked for just now: once for each step, not for each of its ranks.
    private static void remember(Path folder) {
        try {
            Files.setLastModifiedTime(folder.resolve(StageLayout.BOOT), FileTime.from(Instant.now()));
        } catch (IOException e) {
            throw FaultException.io("using " + folder, e);
        }
    }

    /// A tree made of an image's, made now if no job has done it before; the image's own is never changed. It goes with
    /// the image.
    ///
    /// @param key of letters and digits: the same for what is the same
    /// @param maker is given the folder to make and the path that it will have
    public Path variant(StagedImage image, String key, BiConsumer<Path, Path> maker) {
        Path folder = layout.variant(image.digest(), key);
        if (!Files.isDirectory(folder)) {
            try (LockFile lease = LockFile.acquire(
                    layout.imageLease(image.digest()),
                    patience,
                    "the preparation of image " + image.digest().shortened())) {
                if (!Files.isDirectory(folder)) {
                    makeVariant(image.digest(), folder, maker);
                }
            }
        }
        return folder.resolve("rootfs");
    }

    private void makeVariant(Digest digest, Path folder, BiConsumer<Path, Path> maker) {
        String draftName = StageLayout.DRAFT + digest.hex();
        // we hold the image's lease, so whoever made these is dead
        Folders.list(layout.variants()).stream()
                .filter(entry -> String.valueOf(entry.getFileName()).startsWith(draftName))
                .forEach(TreeRemoval::remove);
        Path draft = layout.variants().resolve(draftName + "-" + UUID.randomUUID());
        try {
            Path real = layout.variants().toRealPath();
            maker.accept(
                    Folders.make(draft.resolve("rootfs")),
                    real.resolve(folder.getFileName()).resolve("rootfs"));
            Files.move(draft, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw FaultException.io("publishing " + folder, e);
        } finally {
            TreeRemoval.remove(draft);
        }
    }

    /// A tree that only this step uses, and may change; it goes with the step.
    public StagedImage own(StageTicket.Owner owner, Digest digest, TreeSource source) {
        Path root = owner.step().folder().resolve("rootfs");
        TreeRemoval.remove(root); // of a try that ended for want of room
        return new StagedImage(digest, root, source.unpackInto(Folders.make(root)));
    }

    /// The tree of that name, made now if it is not there.
    ///
    /// Errors: NOT_ALLOWED when it is there and must not be; what the source says when it has to be made.
    ///
    /// @param kind ranks meet only with those of the same kind; empty for the usual one
    public NamedTree named(JobKey job, TreeName name, String kind, TreeSource source) {
        Path folder = layout.named(job, name);
        try (LockFile lease =
                LockFile.acquire(layout.namedLease(job, name), patience, "the making of container " + name.name())) {
            boolean there = Files.isDirectory(folder);
            if (there && name.rule() == TreeName.Rule.CREATE) {
                throw FaultException.of(
                        Fault.NOT_ALLOWED,
                        "making container " + name.name()
                                + (name.ofNode()
                                        ? ": there is one of that name here"
                                        : ": the job has one of that name here"),
                        "leave ':create' out to use it");
            }
            if (!there) {
                makeNamed(folder, source);
            }
        }
        return new NamedTree(
                folder.resolve("rootfs"),
                Folders.make(folder.resolve(kind.isEmpty() ? "ranks" : "ranks-" + kind)),
                AtomicFile.read(folder.resolve("config.json")));
    }

    /// Removes a tree that outlives jobs. Doing it twice is fine.
    public void removeNamed(JobKey job, TreeName name) {
        try (LockFile lease =
                LockFile.acquire(layout.namedLease(job, name), patience, "the making of container " + name.name())) {
            TreeRemoval.remove(layout.named(job, name));
        }
    }

    /// What the steps of a job have here, of its latest start first.
    public List<StepFolder> steps(String job) {
        return jobs().stream()
                .filter(key -> key.job().equals(job))
                .sorted(Comparator.comparingInt(JobKey::restart).reversed())
                .flatMap(key -> Folders.list(layout.job(key)).stream())
                .map(StepFolder::new)
                .filter(step -> Files.exists(step.ready()))
                .toList();
    }

    /// We hold the lease, so whoever left a draft is dead.
    private static void makeNamed(Path folder, TreeSource source) {
        Folders.make(folder.resolveSibling(""));
        Path draft = folder.resolveSibling(StageLayout.DRAFT + folder.getFileName());
        TreeRemoval.remove(draft);
        try {
            String config = source.unpackInto(Folders.make(draft.resolve("rootfs")));
            AtomicFile.write(draft.resolve("config.json"), config, "rw-------");
            Folders.make(draft.resolve("ranks"));
            Files.move(draft, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw FaultException.io("publishing " + folder, e);
        } finally {
            TreeRemoval.remove(draft);
        }
    }

    /// Forgets a job with its earlier starts: a start that was requeued had no time to be released. Doing it twice is
    /// fine. Only what is here is looked at: an epilog does not know the number of the start, and says a high one.
    public void release(JobKey job) {
        for (JobKey key : jobs()) {
            if (isStartUpTo(job, key)) {
                TreeRemoval.remove(layout.job(key));
            }
        }
        for (Path lease : Folders.list(layout.leases())) {
            Matcher name = STEP_LEASE.matcher(String.valueOf(lease.getFileName()));
            if (name.matches()
                    && JobKey.parse(name.group(1))
                            .filter(key -> isStartUpTo(job, key))
                            .isPresent()) {
                LockFile.tryAcquire(lease).ifPresent(LockFile::retire);
            }
        }
    }

    private static boolean isStartUpTo(JobKey last, JobKey key) {
        return key.job().equals(last.job()) && key.restart() <= last.restart();
    }

    /// Jobs that have something here.
    public List<JobKey> jobs() {
        return Folders.list(layout.jobs()).stream()
                .flatMap(folder -> JobKey.parse(String.valueOf(folder.getFileName())).stream())
                .toList();
    }

    /// Removes trees that no job here uses, and what killed stagers left.
    ///
    /// @return how many
    public int sweepImages() {
        return sweepImages(Instant.MAX);
    }

    /// The same, without those that a step has asked for since then. Trees of an earlier boot go: no job takes one.
    ///
    /// @return how many
    public int sweepImages(Instant since) {
        Set<String> used = usedImages();
        int removed = 0;
        for (Path tree : Folders.list(layout.images())) {
            String name = String.valueOf(tree.getFileName());
            String hex = name.startsWith(StageLayout.DRAFT)
                    ? name.substring(StageLayout.DRAFT.length()).replaceFirst("-.*", "")
                    : name;
            if (!used.contains(name)) {
                removed += digest(hex).map(digest -> sweep(tree, digest, since)).orElse(0);
            }
        }
        return removed;
    }

    /// Empty for what is no tree of ours.
    private static Optional<Digest> digest(String hex) {
        return Stream.of("sha256:" + hex, "sha512:" + hex)
                .filter(Digest::isDigest)
                .map(Digest::parse)
                .findFirst();
    }

    /// We hold the image's lease.
    private void sweepVariants(Digest digest) {
        for (Path variant : Folders.list(layout.variants())) {
            String name = String.valueOf(variant.getFileName());
            if (name.startsWith(digest.hex()) || name.startsWith(StageLayout.DRAFT + digest.hex())) {
                TreeRemoval.remove(variant);
            }
        }
    }

    /// A step may have claimed the tree while others were removed, or at the very moment that it was hidden.
    private int sweep(Path tree, Digest digest, Instant since) {
        Optional<LockFile> lease = LockFile.tryAcquire(layout.imageLease(digest));
        if (lease.isEmpty()) {
            return 0;
        }
        try (LockFile held = lease.get()) {
            if (isUsed(tree) || wasAskedForAfter(since, tree)) {
                return 0;
            }
            Path hidden = hide(tree, digest);
            if (isUsed(tree)) {
                Files.move(hidden, tree, StandardCopyOption.ATOMIC_MOVE);
                return 0;
            }
            sweepVariants(digest);
            TreeRemoval.remove(hidden);
            return 1;
        } catch (IOException e) {
            throw FaultException.io("sweeping " + tree, e);
        }
    }

    private boolean wasAskedForAfter(Instant since, Path tree) {
        return isWhole(tree)
                && UnixStat.of(tree.resolve(StageLayout.BOOT)).modified().isAfter(since);
    }

    private boolean isUsed(Path tree) {
        return usedImages().contains(String.valueOf(tree.getFileName()));
    }

    private Path hide(Path tree, Digest digest) {
        Path hidden = layout.imageDraft(digest, "swept-" + UUID.randomUUID());
        try {
            return Files.move(tree, hidden, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw FaultException.io("sweeping " + tree, e);
        }
    }

    private Set<String> usedImages() {
        Set<String> used = new HashSet<>();
        for (Path job : Folders.list(layout.jobs())) {
            for (Path step : Folders.list(job)) {
                Path image = new StepFolder(step).image();
                if (Files.isRegularFile(image, LinkOption.NOFOLLOW_LINKS)) {
                    used.add(AtomicFile.read(image).strip());
                }
            }
        }
        return used;
    }

    /// Nothing is flushed here, so that jobs start at once: when a node goes down, files that were just written
    /// may come back empty under their names. So a tree counts only for the boot that it was made in.
    private boolean isWhole(Path folder) {
        Path boot = folder.resolve(StageLayout.BOOT);
        return Files.exists(boot) && AtomicFile.read(boot).strip().equals(bootId);
    }

    private void unpack(Digest digest, TreeSource source, Path folder) {
        if (Files.isDirectory(folder)) {
            hide(folder, digest);
            sweepVariants(digest);
        }
        removeLeftOvers(digest);
        Path draft = layout.imageDraft(digest, UUID.randomUUID().toString());
        try {
            Path root = Folders.make(draft.resolve("rootfs"));
            String config = source.unpackInto(root);
            AtomicFile.write(draft.resolve("config.json"), config, "rw-------");
            AtomicFile.write(draft.resolve(StageLayout.BOOT), bootId + "\n", "rw-------");
            Files.move(draft, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw FaultException.io("publishing " + folder, e);
        } finally {
            TreeRemoval.remove(draft);
        }
    }

    /// We hold the image's lease, so whoever made these is dead.
    private void removeLeftOvers(Digest digest) {
        for (Path entry : Folders.list(layout.images())) {
            if (String.valueOf(entry.getFileName()).startsWith(StageLayout.DRAFT + digest.hex())) {
                TreeRemoval.remove(entry);
            }
        }
    }
}
