package io.berth.registry;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.registry.auth.Credentials;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Searches an index or a registry for repositories.
///
/// Errors: NOT_ALLOWED and UNREACHABLE when that is all that servers say; CORRUPT, INTERRUPTED.
public final class RegistrySearch {
    private static final int CATALOG_PAGE = 1000;

    private final RegistryOptions options;
    private final RegistryCaller caller;

    public RegistrySearch(RegistryOptions options, Credentials credentials) {
        this.options = options;
        this.caller = RegistryCaller.of(options, credentials, Thread::sleep);
    }

    /// Where to search.
    public enum Scope {
        /// The index, and the registry when the index knows no searches.
        INDEX_AND_REGISTRY,
        INDEX,
        REGISTRY
    }

    /// Shape: of the words, a first part with a dot and a slash after it names the registry to search.
    ///
    /// @param rows results that a page should have
    /// @return pages, fetched when asked for; none at all when nobody there answers searches
    public Optional<Iterator<List<FoundImage>>> pages(String expression, Scope scope, int rows) {
        int slash = expression.indexOf('/');
        String host = slash < 0 ? "" : expression.substring(0, slash);
        boolean named = host.indexOf('.') > 0 || host.indexOf(':') > 0 || host.equals("localhost");
        String words = named ? expression.substring(slash + 1) : expression;
        FaultException refused = null;
        for (URI base : named ? List.of(baseOf(host)) : bases(scope)) {
            try {
                Optional<Iterator<List<FoundImage>>> pages = at(base, words, rows);
                if (pages.isPresent()) {
                    return pages;
                }
            } catch (FaultException e) {
                if (e.fault() != Fault.NOT_ALLOWED && e.fault() != Fault.UNREACHABLE) {
                    throw e;
                }
                refused = refused == null ? e : refused;
            }
        }
        if (refused != null) {
            throw refused;
        }
        return Optional.empty();
    }

    private URI baseOf(String host) {
        return Locations.isHub(host) ? options.indexBase() : new Locations(options).baseOf(host);
    }

    private List<URI> bases(Scope scope) {
        // Docker Hub's registry answers no searches: its index does
        boolean hub = Locations.isHub(options.defaultBase().getRawAuthority());
        List<URI> registry = List.of(hub ? options.indexBase() : options.defaultBase());
        return switch (scope) {
            case INDEX -> List.of(options.indexBase());
            case REGISTRY -> registry;
            case INDEX_AND_REGISTRY -> hub ? registry : List.of(options.indexBase(), options.defaultBase());
        };
    }

    private Optional<Iterator<List<FoundImage>>> at(URI base, String words, int rows) {
        Location location = Location.whole(base);
        FaultException refused = null;
        for (SearchDialect dialect : SearchDialect.values()) {
            try {
                SearchEndpoint first = new SearchEndpoint(dialect, words.isEmpty() ? "*" : words, rows, 1);
                return Optional.of(new Results(location, first, caller.call(location, first)));
            } catch (FaultException e) {
                refused = unlessOnlyUnknown(e, refused);
            }
        }
        try {
            return Optional.of(new Catalog(location, words));
        } catch (FaultException e) {
            refused = unlessOnlyUnknown(e, refused);
        }
        if (refused != null) {
            throw refused;
        }
        return Optional.empty();
    }

    /// What a server does not know, it refuses in all kinds of ways; only a want of authorization is worth telling.
    private static @Nullable FaultException unlessOnlyUnknown(FaultException e, @Nullable FaultException told) {
        return switch (e.fault()) {
            case NOT_FOUND -> told;
            case NOT_ALLOWED -> e;
            default -> throw e;
        };
    }

    /// The pages of a search.
    private final class Results implements Iterator<List<FoundImage>> {
        private final Location location;
        private SearchEndpoint last;
        private SearchEndpoint.Page page;
        private boolean given;

        Results(Location location, SearchEndpoint first, SearchEndpoint.Page page) {
            this.location = location;
            this.last = first;
            this.page = page;
        }

        @Override
        public boolean hasNext() {
            return !given || page.hasMore();
        }

        @Override
        public List<FoundImage> next() {
            if (given) {
                if (!page.hasMore()) {
                    throw new NoSuchElementException();
                }
                last = new SearchEndpoint(last.dialect(), last.expression(), last.rows(), last.number() + 1);
                page = caller.call(location, last);
            }
            given = true;
            return page.images();
        }
    }

    /// The repositories of a registry whose names contain the words.
    private final class Catalog implements Iterator<List<FoundImage>> {
        private final Location location;
        private final String words;
        private final Set<URI> seen = new HashSet<>();
        private ListEndpoint.Page page;
        private boolean given;

        Catalog(Location location, String words) {
            this.location = location;
            this.words = words.toLowerCase(Locale.ROOT);
            this.page = fetch(Optional.empty());
        }

        @Override
        public boolean hasNext() {
            return !given || page.next().isPresent();
        }

        @Override
        public List<FoundImage> next() {
            if (given) {
                page = fetch(Optional.of(page.next().orElseThrow()));
            }
            given = true;
            List<FoundImage> found = new ArrayList<>();
            for (String name : page.names()) {
                if (name.toLowerCase(Locale.ROOT).contains(words)) {
                    found.add(new FoundImage(name, false, "", ""));
                }
            }
            return found;
        }

        private ListEndpoint.Page fetch(Optional<URI> next) {
            String doing = words.isEmpty() ? "listing repositories" : "searching for '" + words + "'";
            ListEndpoint.Page fetched =
                    caller.call(location, new ListEndpoint(doing, "_catalog?n=" + CATALOG_PAGE, "repositories", next));
            // a registry that leads in a circle would keep us busy for ever
            boolean last = fetched.names().isEmpty();
            return new ListEndpoint.Page(
                    fetched.names(), last ? Optional.empty() : fetched.next().filter(seen::add));
        }
    }
}
