package io.berth.cli;

import io.berth.config.Settings;
import io.berth.config.SettingsReader;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.fault.Nearest;
import java.io.PrintStream;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line: parses, runs one verb, turns faults into two lines and an exit status.
public final class Cli {
    /// These speak of all commands.
    private static final Set<String> NEED_ALL = Set.of("help", "completion");
    private static final Map<String, Supplier<Verb>> VERBS = verbs();
    /// Options of the whole program whose value may be the next word.
    private static final List<String> WITH_VALUE = List.of("--repo", "--registry", "--node-dir", "--config");

    private final Front front;
    private final Function<Map<String, String>, Toolbox> toolboxes;
    private final PrintStream out;
    private final PrintStream err;
    private final Map<CommandSpec, Verb> verbs = new LinkedHashMap<>();
    private int verbosity = 3;

    /// @param toolboxes makes the verbs for the settings given on the command line
    public Cli(Front front, Function<Map<String, String>, Toolbox> toolboxes, PrintStream out, PrintStream err) {
        this.front = front;
        this.toolboxes = toolboxes;
        this.out = out;
        this.err = err;
    }

    /// @return the exit status
    public int execute(String... args) {
        ParseResult parsed;
        CommandLine commandLine = build(asked(args));
        try {
            parsed = commandLine.parseArgs(args);
        } catch (ParameterException e) {
            return usageError(e);
        }
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        CommandLine asked = last.commandSpec().commandLine();
        if (last.isUsageHelpRequested() || parsed.isUsageHelpRequested()) {
            asked.usage(out);
            return ExitCode.DONE;
        }
        Verb verb = Model.has(parsed, "--version") ? new VersionVerb() : verbs.get(last.commandSpec());
        if (verb == null || !verb.verbs().isEmpty()) {
            asked.usage(verb == null ? out : err);
            return verb == null ? ExitCode.DONE : ExitCode.USAGE;
        }
        return run(verb, parsed, last);
    }

    /// Says that what a command printed did not all arrive.
    ///
    /// @param status of the command
    /// @return the exit status
    public int outputLost(int status, String why) {
        complain("writing to standard output: " + why, "make room there, then do it again");
        return status == ExitCode.DONE ? ExitCode.FAILED : status;
    }

    private int run(Verb verb, ParseResult global, ParseResult parsed) {
        try {
            if (front.uid() == 0 && !verb.isHarmless() && !mayBeRoot(global)) {
                throw FaultException.badInput(
                        "running '" + parsed.commandSpec().name() + "' as root: refused, berth needs no privileges",
                        "use it as an ordinary user, or say --allow-root before the command");
            }
            Toolbox toolbox = toolboxes.apply(settings(global, parsed));
            return verb.run(parsed, session(toolbox));
        } catch (FaultException e) {
            // in a job, Slurm tells who stopped what; each of many nodes saying it again would hide the reason
            if (verbosity >= 0 && (e.fault() != Fault.INTERRUPTED || !Model.has(global, "--quiet"))) {
                complain(String.valueOf(e.getMessage()), e.hint().orElse(null));
            }
            if (verbosity >= 5 || Model.has(global, "--debug")) {
                e.printStackTrace(err);
            }
            return ExitCode.of(e.fault(), verb.runsProgram());
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            return bug(e, verb, global, parsed);
        }
    }

    /// Users get the two lines of a message here too, and whoever is to mend it the rest when he asks.
    private int bug(Throwable e, Verb verb, ParseResult global, ParseResult parsed) {
        String name = parsed.commandSpec().name();
        complain(
                "running '" + name + "': a fault of berth's own"
                        + (e.getMessage() == null ? "" : ", " + e.getMessage()),
                "please report it, with what it says with --debug before '" + name + "'");
        if (Model.has(global, "--debug")) {
            e.printStackTrace(err);
        }
        return verb.runsProgram() ? ExitCode.NOT_STARTED : ExitCode.FAILED;
    }

    private Session session(Toolbox toolbox) {
        Settings settings = toolbox.settings();
        verbosity = settings.verbosity();
        PrintStream results = verbosity < 1 ? new PrintStream(PrintStream.nullOutputStream()) : out;
        Session session = new Session(front, toolbox, verbosity, results, err);
        settings.notices().forEach(session::notice);
        return session;
    }

    private boolean mayBeRoot(ParseResult global) {
        return front.rootAllowed() || Model.has(global, "--allow-root");
    }

    private int usageError(ParameterException e) {
        CommandLine command = e.getCommandLine();
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("wrong usage");
        String hint = command.getCommandSpec().qualifiedName() + " --help shows what it takes";
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String word = unmatched.getUnmatched().getFirst();
            if (word.startsWith("-")) {
                message = "there is no option '" + word + "'";
                hint = meant(word, command.getCommandSpec().optionsMap().keySet()) + hint;
            } else if (!command.getSubcommands().isEmpty()) {
                message = "there is no command '" + word + "'";
                hint = meant(word, command.getSubcommands().keySet()) + hint;
            } else {
                message = "'" + word + "' is one word too many";
            }
        }
        complain("reading the command line of '" + command.getCommandName() + "': " + message, hint);
        Verb verb = verbs.get(command.getCommandSpec());
        return verb != null && verb.runsProgram() ? ExitCode.NOT_STARTED : ExitCode.USAGE;
    }

    private static String meant(String word, Collection<String> known) {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        // one letter is near to each other one
        List<String> longer = known.stream().filter(other -> other.length() > 2).toList();
        return Nearest.to(name, name.length() > 2 ? longer : List.of())
                .map(near -> "did you mean '" + near + "'? ")
                .orElse("");
    }

    private void complain(String message, @org.jspecify.annotations.Nullable String hint) {
        // one write, so that messages of many ranks do not mix
        err.print(Complaint.text(front.name(), message, hint));
        err.flush();
    }

    private static SequencedMap<String, String> settings(ParseResult global, ParseResult parsed) {
        SequencedMap<String, String> settings = new LinkedHashMap<>();
        Model.text(global, "--repo").ifPresent(value -> settings.put("repository", value));
        Model.text(global, "--node-dir").ifPresent(value -> settings.put("node_dir", value));
        if (Model.has(global, "--quiet")) {
            settings.put("verbose_level", "1");
        }
        if (Model.has(global, "--debug")) {
            settings.put("verbose_level", "5");
        }
        Model.text(global, "--config").ifPresent(value -> settings.put(SettingsReader.CONFIG_FILE, value));
        RegistryFlags.putInto(settings, List.of(global, parsed));
        return settings;
    }

    /// The command that the words ask for, as far as one can tell before they are parsed; empty when not at a glance.
    private static String asked(String... args) {
        for (int i = 0; i < args.length; i++) {
            if (WITH_VALUE.contains(args[i])) {
                i++;
            } else if (args[i].equals("--help") || !args[i].startsWith("-")) {
                return args[i];
            }
        }
        return "";
    }

    /// @param asked the only command to make a model of, since each costs milliseconds; all when it is not a command
    private CommandLine build(String asked) {
        return build(front.name(), asked, verbs);
    }

    /// All commands, for what is made of them.
    static CommandLine model(String name) {
        return build(name, "", new LinkedHashMap<>());
    }

    private static CommandLine build(String name, String asked, Map<CommandSpec, Verb> verbs) {
        CommandSpec root = Model.root(name, "Runs Docker/OCI images as batch jobs, without root and without a daemon");
        root.addOption(Model.flag("print the version", "-V", "--version"));
        root.addOption(Model.flag("say only what went wrong", "-q", "--quiet"));
        root.addOption(Model.flag("show where a fault came from", "-D", "--debug"));
        root.addOption(Model.value("FILE", "read this configuration file after the others", "--config"));
        root.addOption(Model.flag("permit uid 0", "--allow-root"));
        root.addOption(Model.flag("do not verify TLS certificates", "--insecure"));
        root.addOption(Model.value("DIR", "the repository (default: ~/.udocker)", "--repo"));
        root.addOption(Model.value("URL", "registry for names without one", "--registry"));
        root.addOption(Model.value("DIR", "where nodes keep what they stage (default: /tmp)", "--node-dir"));
        if (VERBS.containsKey(asked) && !NEED_ALL.contains(asked)) {
            add(root, VERBS.get(asked).get(), verbs);
        } else {
            VERBS.values().forEach(verb -> add(root, verb.get(), verbs));
        }
        CommandLine line = new CommandLine(root);
        line.setExpandAtFiles(false).setInterpolateVariables(false).setOverwrittenOptionsAllowed(true);
        return line;
    }

    private static Map<String, Supplier<Verb>> verbs() {
        Map<String, Supplier<Verb>> verbs = new LinkedHashMap<>();
        verbs.put("pull", PullVerb::new);
        verbs.put("create", CreateVerb::new);
        verbs.put("import", ImportVerb::new);
        verbs.put("export", ExportVerb::new);
        verbs.put("load", LoadVerb::new);
        verbs.put("save", SaveVerb::new);
        verbs.put("run", () -> new RunVerb(false));
        verbs.put("explain", () -> new RunVerb(true));
        verbs.put("exec", ExecVerb::new);
        verbs.put("prune", PruneVerb::new);
        verbs.put("images", ImagesVerb::new);
        verbs.put("ps", PsVerb::new);
        verbs.put("rm", RmVerb::new);
        verbs.put("rmi", RmiVerb::new);
        verbs.put("name", NameVerb::new);
        verbs.put("rmname", RmnameVerb::new);
        verbs.put("rename", RenameVerb::new);
        verbs.put("clone", CloneVerb::new);
        verbs.put("tag", TagVerb::new);
        verbs.put("protect", () -> new ProtectVerb(true));
        verbs.put("unprotect", () -> new ProtectVerb(false));
        verbs.put("inspect", InspectVerb::new);
        verbs.put("verify", VerifyVerb::new);
        verbs.put("setup", SetupVerb::new);
        verbs.put("mkrepo", MkrepoVerb::new);
        verbs.put("install", InstallVerb::new);
        verbs.put("showconf", ShowconfVerb::new);
        verbs.put("search", SearchVerb::new);
        verbs.put("manifest", ManifestVerb::new);
        verbs.put("login", LoginVerb::new);
        verbs.put("logout", LogoutVerb::new);
        verbs.put("job", JobVerb::new);
        verbs.put("node", NodeVerb::new);
        verbs.put("completion", CompletionVerb::new);
        verbs.put("version", VersionVerb::new);
        verbs.put("help", HelpVerb::new);
        return verbs;
    }

    private static void add(CommandSpec parent, Verb verb, Map<CommandSpec, Verb> verbs) {
        CommandSpec spec = verb.spec();
        verb.verbs().forEach(child -> add(spec, child, verbs));
        verbs.put(spec, verb);
        parent.addSubcommand(spec.name(), spec);
    }
}
