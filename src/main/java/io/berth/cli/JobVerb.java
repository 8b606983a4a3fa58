package io.berth.cli;

import io.berth.app.RunJob;
import io.berth.app.WriteJobScript;
import io.berth.engine.ModeRequest;
import io.berth.fault.FaultException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `job script|submit|run`: one script, printed, given to sbatch, or run here.
final class JobVerb implements Verb {
    @Override
    public CommandSpec spec() {
        return Model.command("job", "Make a batch job that runs an image");
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        throw new IllegalStateException("job leads to its commands");
    }

    @Override
    public List<Verb> verbs() {
        return List.of(new Script(), new Submit(), new Local());
    }

    private static WriteJobScript.Written script(WriteJobScript.Request request, Session session) {
        return session.toolbox().writeJobScript().write(request);
    }

    private static WriteJobScript.Request request(ParseResult parsed) {
        ModeRequest.parse(RunOptions.mode(parsed));
        return JobOptions.read(parsed);
    }

    private static final class Script implements Verb {
        @Override
        public CommandSpec spec() {
            CommandSpec spec = Model.command("script", "Print the job script");
            spec.addOption(Model.flag("print the script of a job that only fetches the image", "--prefetch"));
            JobOptions.addTo(spec);
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            WriteJobScript.Request request = request(parsed);
            WriteJobScript write = session.toolbox().writeJobScript();
            session.out()
                    .print((Model.has(parsed, "--prefetch") ? write.prefetch(request) : write.write(request)).text());
            return ExitCode.DONE;
        }
    }

    private static final class Submit implements Verb {
        @Override
        public CommandSpec spec() {
            CommandSpec spec = Model.command("submit", "Hand the job script to the batch system; prints the job's id");
            spec.addOption(
                    Model.flag("do not look first for the image, its architecture, mounts and room", "--no-check"));
            spec.addOption(
                    Model.flag("fetch the image in a small job of its own, for which this one waits", "--prefetch"));
            JobOptions.addTo(spec);
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            WriteJobScript.Request request = request(parsed);
            WriteJobScript write = session.toolbox().writeJobScript();
            RunJob run = session.toolbox().runJob();
            boolean checks = !Model.has(parsed, "--no-check");
            if (Model.has(parsed, "--prefetch")) {
                RunJob.Submitted both = run.submit(write.writePair(request, checks));
                session.notice("job " + both.first() + " fetches the image first; if it cannot, its output (slurm-"
                        + both.first() + ".out) says why, and job " + both.job() + " is cancelled");
                session.out().println(both.job());
            } else {
                session.out().println(run.submit(checks ? write.writeChecked(request) : write.write(request)));
            }
            return ExitCode.DONE;
        }
    }

    private static final class Local implements Verb {
        @Override
        public CommandSpec spec() {
            CommandSpec spec = Model.command("run", "Run the job script on this machine, without a batch system");
            spec.addOption(Model.flag("on this machine (the only way there is)", "--local"));
            JobOptions.addTo(spec);
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            String tasks = Model.text(parsed, "--tasks").orElse("1");
            if (!tasks.matches("[1-9][0-9]{0,3}")) {
                throw FaultException.badInput(
                        "reading --tasks '" + tasks + "': it is not a number from 1 to 9999", "try --tasks=4");
            }
            // the local launcher stands in for srun
            String script = script(request(parsed).on("slurm"), session).text();
            return session.toolbox().runJob().runHere(script, Integer.parseInt(tasks));
        }

        @Override
        public boolean runsProgram() {
            return true;
        }
    }
}
