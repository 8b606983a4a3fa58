package io.berth.cli;

import io.berth.app.PrepareNode;
import io.berth.app.TreeWish;
import io.berth.container.RunChoices;
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

/// `node prepare`: the slow part of a step, once on each node.
final class NodePrepareVerb implements Verb {
    private static final List<String> NAMESPACES = List.of("net", "ipc", "uts");
    private static final Pattern RUNNING = Pattern.compile("([0-9]{1,10})\\.([0-9]{1,10})");

    @Override
    public CommandSpec spec() {
        CommandSpec spec =
                Model.command("prepare", "Stage the image, choose the mode, write the plan; once per node and step");
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
        spec.addOption(Model.value("KIND", "how ranks are going to be started, auto to choose by the image", "--mpi"));
        spec.addOption(Model.value("N", "how many ranks there are going to be", "--ranks"));
        spec.addOption(
                Model.value("N", "how many nodes prepare for the step: those of MPI agree on a mode", "--nodes"));
        spec.addOption(Model.flag("print which modes this node can do, if nodes have to agree", "--able"));
        spec.addOption(Model.value("MODE", "the mode that 'node agree' told", "--agreed"));
        spec.addOption(Model.value("STEP", "forget this step, which the agreed mode replaces", "--instead"));
        spec.addPositional(Model.optional("IMAGE", "NAME@DIGEST, or a tree or squashfs file of the node: /PATH"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        TreeWish tree = tree(parsed);
        PrepareNode.Request request = new PrepareNode.Request(
                session.toolbox().nodeContext(),
                session.toolbox().mpiStep(Model.text(parsed, "--mpi"), number(parsed, "--ranks")),
                Model.text(parsed, "--step").orElse("run"),
                tree,
                choices(parsed),
                Model.text(parsed, "--agreed")
                        .map(ModeRequest::agreed)
                        .orElseGet(() -> ModeRequest.parse(RunOptions.mode(parsed))),
                !RunOptions.perNode(parsed) && number(parsed, "--nodes").orElse(1) > 1,
                Model.text(parsed, "--instead"));
        PrepareNode prepare = session.toolbox().prepareNode(RunOptions.engine(parsed), session::problem);
        if (!prepare.hasFiles(request) && MuchWork.ofUnknownSize(session)) {
            return ExitCode.DONE;
        }
        PrepareNode.Prepared prepared = prepare.prepare(request);
        prepared.warning().ifPresent(session::problem);
        session.notice("prepared " + prepared.step().plan());
        if (Model.has(parsed, "--able")) {
            prepared.able().ifPresent(session.out()::print);
        }
        if (Model.has(parsed, "--explain")) {
            prepared.explanation().ifPresent(text -> {
                session.out().print(text);
                prepare.place().ifPresent(line -> session.out().print("files\n  " + line + "\n"));
            });
        }
        return ExitCode.DONE;
    }

    private static RunChoices choices(ParseResult parsed) {
        return RunOptions.read(parsed, List.of()).unsharing(namespaces(parsed));
    }

    private static List<String> namespaces(ParseResult parsed) {
        List<String> asked = Model.list(parsed, "--unshare");
        asked.stream().filter(name -> !NAMESPACES.contains(name)).findFirst().ifPresent(name -> {
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
                throw FaultException.badInput("joining '" + join.get() + "': it is no step", "the form is JOB.STEP");
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

    private static Optional<Integer> number(ParseResult parsed, String option) {
        Optional<String> text = Model.text(parsed, option);
        if (text.filter(word -> !word.matches("[0-9]{1,9}")).isPresent()) {
            throw FaultException.badInput(
                    "reading " + option + ": '" + text.get() + "' is not a number", "give it a number");
        }
        return text.map(Integer::parseInt);
    }
}
