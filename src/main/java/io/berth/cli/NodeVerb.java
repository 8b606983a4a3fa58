package io.berth.cli;

import io.berth.app.PinImage;
import io.berth.app.SweepNode;
import io.berth.engine.FactsJson;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.stage.TreeName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `node prepare|agree|pin|release|save|prefetch|sweep|probe`: what job scripts and hooks do on each node.
final class NodeVerb implements Verb {
    @Override
    public CommandSpec spec() {
        return Model.command("node", "Prepare this node for a job, or release it");
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        throw new IllegalStateException("node leads to its commands");
    }

    @Override
    public List<Verb> verbs() {
        return List.of(
                new NodePrepareVerb(),
                new NodeAgreeVerb(),
                new Pin(),
                new Release(),
                new Save(),
                new Prefetch(),
                new Sweep(),
                new Probe());
    }

    private static final class Pin implements Verb {
        @Override
        public CommandSpec spec() {
            CommandSpec spec = Model.command("pin", "Print an image's name with the digest that its tag means now");
            spec.addOption(Model.value("USER", "refuse unless the registry's stored login is USER's", "--login"));
            spec.addPositional(Model.one("IMAGE", "[REGISTRY/]NAME[:TAG|@DIGEST]"));
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            ImageReference image = ImageReference.parse(Model.positional(parsed, 0));
            PinImage pinImage = session.toolbox().pinImage();
            Model.text(parsed, "--login").ifPresent(user -> pinImage.requireLogin(image, user));
            session.out().println(pinImage.pin(image));
            return ExitCode.DONE;
        }
    }

    private static final class Release implements Verb {
        @Override
        public CommandSpec spec() {
            CommandSpec spec =
                    Model.command("release", "Forget what this job has on the node; the image stays for the next job");
            spec.addOption(Model.value("NAME", "instead, remove a named copy that outlives jobs", "--tree"));
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            Optional<String> tree = Model.text(parsed, "--tree");
            if (tree.isPresent()) {
                session.toolbox().releaseNode().remove(TreeName.parse(tree.get(), true));
            } else {
                session.toolbox().releaseNode().release(session.toolbox().nodeContext());
            }
            return ExitCode.DONE;
        }
    }

    private static final class Save implements Verb {
        @Override
        public CommandSpec spec() {
            CommandSpec spec = Model.command(
                    "save", "Write the files of a step that has ended to a squashfs file, as it was asked for");
            spec.addOption(Model.value("NAME", "name of the step (default: run)", "--step"));
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            session.notice("saved "
                    + session.toolbox()
                            .saveStep()
                            .save(
                                    session.toolbox().nodeContext(),
                                    Model.text(parsed, "--step").orElse("run")));
            return ExitCode.DONE;
        }
    }

    private static final class Prefetch implements Verb {
        @Override
        public CommandSpec spec() {
            CommandSpec spec =
                    Model.command("prefetch", "Unpack an image on this node before a job needs it; for prologs");
            spec.addPositional(Model.one("IMAGE", "NAME@DIGEST"));
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            ImageReference image = ImageReference.parse(Model.positional(parsed, 0));
            if (MuchWork.ofUnknownSize(session)) {
                return ExitCode.DONE;
            }
            session.toolbox().prepareNode(Optional.empty(), session::notice).prefetch(image);
            session.notice(image + " is on this node");
            return ExitCode.DONE;
        }
    }

    private static final class Sweep implements Verb {
        @Override
        public CommandSpec spec() {
            CommandSpec spec = Model.command("sweep", "Forget what ended jobs of yours left on this node");
            spec.addOption(Model.flag("remove unpacked images that no job uses too", "--images"));
            spec.addOption(Model.value(
                    "DAYS", "with --images: only those that no job has begun to use for so long", "--older-than"));
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            Optional<Instant> since = Model.text(parsed, "--older-than").map(Sweep::daysAgo);
            boolean images = Model.has(parsed, "--images");
            if (since.isPresent() && !images) {
                throw FaultException.badInput(
                        "reading --older-than: it is about images, and they stay", "say --images too");
            }
            SweepNode sweep = session.toolbox().sweepNode();
            SweepNode.Swept swept = since.map(sweep::sweepUnused).orElseGet(() -> sweep.sweep(images));
            swept.jobs().forEach(job -> session.notice("forgot job " + job));
            if (swept.images() > 0) {
                session.notice("removed " + swept.images() + (swept.images() == 1 ? " image" : " images"));
            }
            return ExitCode.DONE;
        }

        private static Instant daysAgo(String days) {
            if (!days.matches("[0-9]{1,5}")) {
                throw FaultException.badInput(
                        "reading --older-than: '" + days + "' is no number of days", "try --older-than=30");
            }
            return Instant.now().minus(Duration.ofDays(Integer.parseInt(days)));
        }
    }

    private static final class Probe implements Verb {
        @Override
        public CommandSpec spec() {
            CommandSpec spec = Model.command("probe", "Show what this machine can do, as JSON");
            spec.addOption(Model.flag("as JSON, which is the only form", "--json"));
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            session.out().print(FactsJson.text(session.toolbox().hostFacts()));
            return ExitCode.DONE;
        }
    }
}
