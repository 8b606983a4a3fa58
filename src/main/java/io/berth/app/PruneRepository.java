package io.berth.app;

import io.berth.engine.PastBoots;
import io.berth.files.DiskUsage;
import io.berth.files.Folders;
import io.berth.files.TreeRemoval;
import io.berth.image.ImageReference;
import io.berth.process.LaunchPlan;
import io.berth.process.OwnProcesses;
import io.berth.process.RunRecords;
import io.berth.store.ContainerEntry;
import io.berth.store.DraftFolders;
import io.berth.store.ImageEntry;
import io.berth.store.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Takes away what nobody will miss: containers without a name, images that no container was made of, what
/// interrupted commands left. Never what is protected, named or running.
public final class PruneRepository {
    /// Between making a container and starting it there is a moment.
    private static final Duration NEW = Duration.ofMinutes(10);
    /// A pull keeps blobs of an image that is not there yet; none takes so long.
    private static final Duration LEFT_BEHIND = Duration.ofDays(1);

    private final Repository repository;
    private final LaunchPlan.Owner here;

    public PruneRepository(Repository repository, LaunchPlan.Owner here) {
        this.repository = repository;
        this.here = here;
    }

    /// What interrupted commands left is always taken.
    public record Request(boolean containers, boolean images) {}

    public enum Kind {
        CONTAINER,
        IMAGE,
        REMAINS
    }

    /// Something to take away.
    ///
    /// Units: bytes that become free.
    ///
    /// @param name an id, an image, or the name of a file
    /// @param note what else tells it from others
    public record Item(Kind kind, String name, String note, Path place, long bytes) {}

    /// What would be taken; nothing is.
    public List<Item> find(Request request) {
        List<Item> items = new ArrayList<>();
        if (request.containers()) {
            repository.containers().entries().stream()
                    .filter(this::isSpare)
                    .map(entry -> new Item(
                            Kind.CONTAINER, entry.id(), entry.image(), entry.folder(), DiskUsage.bytes(entry.folder())))
                    .forEach(items::add);
        }
        if (request.images()) {
            items.addAll(images(items));
        }
        items.addAll(remains());
        return items;
    }

    /// Takes away what is still spare.
    ///
    /// @return whether it was
    public boolean remove(Item item) {
        switch (item.kind()) {
            case CONTAINER -> {
                boolean spare = repository.containers().entries().stream()
                        .anyMatch(entry -> entry.id().equals(item.name()) && isSpare(entry));
                if (!spare) {
                    return false;
                }
                repository.containers().find(item.name()).ifPresent(repository.containers()::remove);
            }
            case IMAGE -> repository.images().remove(ImageReference.parse(item.name()), false);
            case REMAINS -> {
                return removeRemains(item.place());
            }
        }
        return true;
    }

    // --- containers and images

    private boolean isSpare(ContainerEntry entry) {
        return entry.names().isEmpty()
                && !entry.isProtected()
                && isOlderThan(entry.folder().resolve("imagerepo.name"), NEW)
                && !RunRecords.of(entry.folder(), here).mayRun()
                && !OwnProcesses.name(entry.id());
    }

    private List<Item> images(List<Item> goingContainers) {
        Set<String> going = goingContainers.stream().map(Item::name).collect(Collectors.toSet());
        Set<String> needed = repository.containers().entries().stream()
                .filter(entry -> !going.contains(entry.id()))
                .map(ContainerEntry::image)
                .collect(Collectors.toSet());
        List<ImageEntry> all = repository.images().entries();
        List<ImageEntry> spare = all.stream()
                .filter(entry -> !entry.isProtected() && !needed.contains(entry.name()))
                .filter(entry -> isOlderThan(entry.folder().resolve("TAG"), NEW))
                .toList();
        Set<String> counted = new HashSet<>();
        all.stream()
                .filter(entry -> !spare.contains(entry))
                .forEach(entry ->
                        counted.addAll(repository.images().blobsOf(entry).keySet()));
        return spare.stream()
                .map(entry -> new Item(Kind.IMAGE, entry.name(), "", entry.folder(), ownBytes(entry, counted)))
                .toList();
    }

    /// @param counted blobs that stay, or that another image was counted with
    private long ownBytes(ImageEntry entry, Set<String> counted) {
        return repository.images().blobsOf(entry).entrySet().stream()
                .filter(blob -> counted.add(blob.getKey()))
                .mapToLong(java.util.Map.Entry::getValue)
                .sum();
    }

    // --- what interrupted commands left

    private List<Item> remains() {
        Set<String> linked = new HashSet<>();
        repository
                .images()
                .entries()
                .forEach(entry -> repository
                        .images()
                        .blobsOf(entry)
                        .keySet()
                        .forEach(name -> linked.add(String.valueOf(Path.of(name).getFileName()))));
        List<Item> items = new ArrayList<>();
        for (Path file : Folders.list(repository.layout().layers())) {
            if (!linked.contains(String.valueOf(file.getFileName())) && isOlderThan(file, LEFT_BEHIND)) {
                items.add(remains(file));
            }
        }
        for (Path folder : Folders.list(repository.layout().containers())) {
            if (DraftFolders.isDraft(folder) && isOlderThan(folder, LEFT_BEHIND)) {
                items.add(remains(folder));
            }
        }
        PastBoots.left(repository.layout().own(), here).forEach(kept -> items.add(remains(kept)));
        return items;
    }

    private static Item remains(Path place) {
        return new Item(Kind.REMAINS, String.valueOf(place.getFileName()), "", place, DiskUsage.bytes(place));
    }

    private static boolean removeRemains(Path place) {
        if (DraftFolders.isDraft(place)) {
            return DraftFolders.removeAbandoned(place);
        }
        TreeRemoval.remove(place);
        return true;
    }

    private static boolean isOlderThan(Path file, Duration age) {
        try {
            return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS)
                    .toInstant()
                    .isBefore(Instant.now().minus(age));
        } catch (IOException e) {
            return false; // it has gone, or is not ours to judge
        }
    }
}
