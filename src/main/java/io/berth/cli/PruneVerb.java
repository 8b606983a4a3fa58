package io.berth.cli;

import io.berth.app.PruneRepository;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `prune` takes away what nobody will miss, after asking.
final class PruneVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command(
                "prune",
                "Remove containers that have no name, and what interrupted commands left; never what is protected or "
                        + "runs");
        spec.addOption(Model.flag("containers without a name (the default)", "--containers"));
        spec.addOption(Model.flag("images that no container was made of", "--images"));
        spec.addOption(Model.flag("containers and images", "-a", "--all"));
        spec.addOption(Model.flag("only say what would be removed", "--dry-run"));
        spec.addOption(Model.flag("do not ask", "-f", "--force"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        boolean all = Model.has(parsed, "--all");
        boolean images = all || Model.has(parsed, "--images");
        boolean containers = all || Model.has(parsed, "--containers") || !images;
        PruneRepository prune = session.toolbox().pruneRepository();
        List<PruneRepository.Item> items = prune.find(new PruneRepository.Request(containers, images));
        if (items.isEmpty() || Model.has(parsed, "--dry-run")) {
            items.forEach(item -> session.out().println(line(item)));
            session.notice(items.isEmpty() ? "there is nothing to remove" : "would free " + total(items));
            return ExitCode.DONE;
        }
        if (session.toolbox()
                .startAgainForFilesIn(
                        items.stream().map(PruneRepository.Item::place).toList())) {
            return ExitCode.DONE;
        }
        if (!Model.has(parsed, "--force")) {
            items.forEach(item -> session.err().println(line(item)));
            confirm(session, total(items));
        }
        List<PruneRepository.Item> removed = items.stream()
                .filter(prune::remove)
                .peek(item -> session.out().println(line(item)))
                .toList();
        session.notice("freed " + total(removed));
        return ExitCode.DONE;
    }

    private static void confirm(Session session, String total) {
        session.err().print("Remove these (" + total + ")? [y/N] ");
        session.err().flush();
        String answer = session.toolbox().terminal().line().strip();
        if (!answer.equalsIgnoreCase("y") && !answer.equalsIgnoreCase("yes")) {
            session.err().println();
            throw FaultException.of(
                    Fault.NOT_ALLOWED, "pruning: not confirmed, nothing was removed", "answer y, or say --force");
        }
    }

    private static String line(PruneRepository.Item item) {
        String kind = item.kind().name().toLowerCase(Locale.ROOT);
        return "%-9s %10s  %s %s"
                .formatted(kind, size(item.bytes()), item.name(), item.note())
                .stripTrailing();
    }

    private static String total(List<PruneRepository.Item> items) {
        return size(items.stream().mapToLong(PruneRepository.Item::bytes).sum()) + " in " + items.size()
                + (items.size() == 1 ? " thing" : " things");
    }

    private static String size(long bytes) {
        return bytes < 1_000_000 ? bytes / 1000 + " kB" : "%.1f MB".formatted(bytes / 1e6);
    }
}
