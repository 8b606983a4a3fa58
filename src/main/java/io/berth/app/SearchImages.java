package io.berth.app;

import io.berth.image.ImageReference;
import io.berth.registry.FoundImage;
import io.berth.registry.RegistryClient;
import io.berth.registry.RegistrySearch;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// Finds images and their tags in indexes and registries.
public final class SearchImages {
    private final RegistrySearch search;
    private final RegistryClient registry;

    public SearchImages(RegistrySearch search, RegistryClient registry) {
        this.search = search;
        this.registry = registry;
    }

    /// One result.
    public record Found(String name, boolean official, String description, String stars) {}

    /// @param words empty for everything
    /// @param indexOnly not the registry
    /// @param registryOnly not the index
    /// @param rows results that a page should have
    public record Request(String words, boolean indexOnly, boolean registryOnly, int rows) {}

    /// @return pages, fetched when asked for; none at all when nobody there answers searches
    public Optional<Iterator<List<Found>>> find(Request request) {
        RegistrySearch.Scope scope = request.indexOnly()
                ? RegistrySearch.Scope.INDEX
                : request.registryOnly() ? RegistrySearch.Scope.REGISTRY : RegistrySearch.Scope.INDEX_AND_REGISTRY;
        return search.pages(request.words(), scope, request.rows()).map(Pages::new);
    }

    /// In the registry's order.
    public List<String> tags(ImageReference reference) {
        return registry.tags(reference);
    }

    private record Pages(Iterator<List<FoundImage>> pages) implements Iterator<List<Found>> {
        @Override
        public boolean hasNext() {
            return pages.hasNext();
        }

        @Override
        public List<Found> next() {
            return pages.next().stream()
                    .map(image -> new Found(image.name(), image.official(), image.description(), image.stars()))
                    .toList();
        }
    }
}
