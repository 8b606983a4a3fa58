package io.berth.cli;

import io.berth.app.PinImage;
import io.berth.app.PrepareNode;
import io.berth.app.SweepNode;
import io.berth.app.TreeWish;
import io.berth.container.RunChoices;
import io.berth.engine.FactsJson;
import io.berth.engine.ModeRequest;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.stage.TreeName;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `node prepare|pin|release|save|probe`: what job scripts do on each node.
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
        return List.of(new Prepare(), new Pin(), new Release(), new Save(), new Prefetch(), new Sweep(), new Probe());
    }

    private static int count(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw FaultException.badInput("reading --ranks: '" + text + "' is not a number", "give it a number");
        }
        return Integer.parseInt(text);
    }

    private static final class Prepare implements Verb {
        private static final List<String> NAMESPACES = List.of("net", "ipc", "uts");
        private static final Pattern RUNNING = Pattern.compile("([0-9]{1,10})\\.([0-9]{1,10})");

        @Override
        public CommandSpec spec() {
            CommandSpec spec = Model.command(
                    "prepare", "Stage the image, choose the mode, write the plan; once per node and step");
            RunOptions.addTo(spec);
            spec.addOption(Model.value("NAME", "name of the step (default: run)", "--step"));
            spec.addOption(Model.flag("print the mode, why, and the plan, when it is made now", "--explain"));
            spec.addOption(Model.flag("let the step change the image's files, in a copy of its own", "--writable"));
            spec.addOption(Model.value(
                    "NAME[:RULE]",
                    "keep the copy for the job's next steps; RULE is auto, create, exec or no_exec",
                    "--tree"));
            spec.addOption(Model.flag("keep the named copy for other jobs too", "--tree-of-node"));
            spec.addOption(Model.value("JOB.STEP", "join a running step instead of an image", "--join"));
            spec.addOption(Model.value(
                    "FILE", "let the step change a copy, to be saved with 'node save'; empty: only that", "--save"));
            spec.addOption(Model.values("net|ipc|uts", "a namespace of the step's own (R modes)", "--unshare"));
            spec.addOption(Model.flag("do not let the step change the files of a named copy", "--readonly"));
            spec.addOption(
                    Model.value("KIND", "how ranks are going to be started, auto to choose by the image", "--mpi"));
            spec.addOption(Model.value("N", "how many ranks there are going to be", "--ranks"));
            spec.addPositional(Model.optional("IMAGE", "NAME@DIGEST, or a tree or squashfs file of the node: /PATH"));
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            TreeWish tree = tree(parsed);
            PrepareNode.Request request = new PrepareNode.Request(
                    session.toolbox().nodeContext(),
                    session.toolbox()
                            .mpiStep(
                                    Model.text(parsed, "--mpi"),
                                    Model.text(parsed, "--ranks").map(NodeVerb::count)),
                    Model.text(parsed, "--step").orElse("run"),
                    tree,
                    choices(parsed),
                    ModeRequest.parse(RunOptions.mode(parsed)));
            PrepareNode prepare = session.toolbox().prepareNode(RunOptions.engine(parsed));
            if (!prepare.hasFiles(request) && MuchWork.ofUnknownSize(session)) {
                return ExitCode.DONE;
            }
            PrepareNode.Prepared prepared = prepare.prepare(request);
            prepared.warning().ifPresent(session::problem);
            session.notice("prepared " + prepared.step().plan());
            if (Model.has(parsed, "--explain")) {
                prepared.explanation().ifPresent(session.out()::print);
            }
            return ExitCode.DONE;
        }

        private static RunChoices choices(ParseResult parsed) {
            return RunOptions.read(parsed, List.of()).unsharing(namespaces(parsed));
        }

        private static List<String> namespaces(ParseResult parsed) {
            List<String> asked = Model.list(parsed, "--unshare");
            asked.stream()
                    .filter(name -> !NAMESPACES.contains(name))
                    .findFirst()
                    .ifPresent(name -> {
                        throw FaultException.badInput(
                                "reading the options: --unshare=" + name + " is not known", "net, ipc and uts are");
                    });
            return NAMESPACES.stream().filter(asked::contains).toList();
        }

        private static TreeWish tree(ParseResult parsed) {
            Optional<TreeName> name =
                    Model.text(parsed, "--tree").map(text -> TreeName.parse(text, Model.has(parsed, "--tree-of-node")));
            Optional<String> save = Model.text(parsed, "--save");
            TreeWish.Access access = TreeWish.Access.READ_ONLY;
            if (!Model.has(parsed, "--readonly")) {
                if (save.isPresent()) {
                    access = TreeWish.Access.COPY;
                } else if (Model.has(parsed, "--writable") || name.isPresent()) {
                    access = TreeWish.Access.WRITABLE;
                }
            }
            TreeWish.Source source = source(parsed);
            if (source instanceof TreeWish.Source.There && name.isEmpty()) {
                throw FaultException.badInput("preparing a node: no image is named", "name it as NAME@sha256:...");
            }
            return new TreeWish(
                    source, access, name, save.filter(file -> !file.isEmpty()).map(Path::of));
        }

        private static TreeWish.Source source(ParseResult parsed) {
            String image = Model.positional(parsed, 0);
            Optional<String> join = Model.text(parsed, "--join");
            if (join.isPresent()) {
                Matcher running = RUNNING.matcher(join.get());
                if (!running.matches()) {
                    throw FaultException.badInput(
                            "joining '" + join.get() + "': it is no step", "the form is JOB.STEP");
                }
                return new TreeWish.Source.Running(running.group(1), running.group(2));
            }
            if (image.isEmpty()) {
                return new TreeWish.Source.There();
            }
            return image.startsWith("/")
                    ? new TreeWish.Source.OnNode(Path.of(image))
                    : new TreeWish.Source.Registry(ImageReference.parse(image));
        }
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
            session.toolbox().prepareNode(Optional.empty()).prefetch(image);
            session.notice(image + " is on this node");
            return ExitCode.DONE;
        }
    }

    private static final class Sweep implements Verb {
        @Override
        public CommandSpec spec() {
            CommandSpec spec = Model.command("sweep", "Forget what ended jobs of yours left on this node");
            spec.addOption(Model.flag("remove unpacked images that no job uses too", "--images"));
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            SweepNode.Swept swept = session.toolbox().sweepNode().sweep(Model.has(parsed, "--images"));
            swept.jobs().forEach(job -> session.notice("forgot job " + job));
            if (swept.images() > 0) {
                session.notice("removed " + swept.images() + (swept.images() == 1 ? " image" : " images"));
            }
            return ExitCode.DONE;
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
