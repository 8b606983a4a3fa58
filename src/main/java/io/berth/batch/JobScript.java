package io.berth.batch;

import io.berth.fault.FaultException;
import io.quarkus.qute.Engine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The text of a job script, made from a file of `job-templates`.
///
/// Lines that begin with `##` explain the template and are left out.
public final class JobScript {
    private static final String FOLDER = "/job-templates/";
    private static final String NO_LAUNCHER = "none";

    private JobScript() {}

    /// @param home folder of the distribution, at the same path on every node
    /// @param nodeDirectory where nodes keep what they stage
    public static String of(JobRequest job, Path home, Path nodeDirectory, String version) {
        Scheduler scheduler = job.scheduler();
        String launcher = launcher(job);
        scheduler.check(job);
        List<String> directives = scheduler.directives(job.resources());
        for (String directive : directives) {
            if (directive.contains("\n")) {
                throw FaultException.badInput(
                        "writing a job script: an option holds a line break", "remove it: " + directive.strip());
            }
        }
        HostMpi mpi = HostMpi.of(launcher);
        Map<String, Object> words = new HashMap<>();
        words.put("version", version);
        words.put("asked", job.asked().replace('\n', ' '));
        words.put("directives", directives);
        words.put("berth", ShellWord.quote(home.toString()));
        words.put("image", ShellWord.quote(job.image().toString()));
        words.put("nodeDir", ShellWord.quote(nodeDirectory.toString()));
        words.put(
                "mpi",
                job.mpi().map(kind -> "--mpi=" + ShellWord.quote(kind) + " ").orElse("${mpi:+\"--mpi=$mpi\"} "));
        words.put("mpiWish", ShellWord.quote(job.mpi().orElse("auto")));
        words.put("mpiOpen", job.mpi().isEmpty());
        words.put("eachNode", mpi.eachNode());
        words.put("eachRank", mpi.eachRank());
        words.put(
                "tasks",
                job.resources()
                        .tasks()
                        .map(text -> "" + Amounts.count("--tasks", text))
                        .orElse(""));
        words.put("prepare", job.prepare().isEmpty() ? "" : ShellWord.quoteAll(job.prepare()) + " ");
        words.put("command", job.command().isEmpty() ? "" : " -- " + ShellWord.quoteAll(job.command()));
        words.putAll(scheduler.words(job, template -> filled(template, words)));
        return filled(scheduler.template(), words);
    }

    /// The script of a job that only fetches the image, at the same partition and account but for little.
    ///
    /// Errors: BAD_INPUT where there is no such job.
    public static String prefetch(JobRequest job, Path home, String version, Duration time) {
        String template = job.scheduler()
                .prefetchTemplate()
                .orElseThrow(() -> Scheduler.cannot(
                        job.scheduler(), "a job that only fetches", "berth pull the image before you submit"));
        Optional<String> none = Optional.empty();
        Resources asked = job.resources();
        Resources little = new Resources(
                none,
                none,
                none,
                none,
                none,
                none,
                asked.partition(),
                asked.account(),
                none,
                none,
                none,
                none,
                asked.directives().stream().filter(JobScript::isOfAccount).toList());
        return filled(
                template,
                Map.of(
                        "directives", job.scheduler().directives(little),
                        "time", Amounts.clock(time),
                        "version", version,
                        "asked", job.asked().replace('\n', ' '),
                        "berth", ShellWord.quote(home.toString()),
                        "image", ShellWord.quote(job.image().toString())));
    }

    /// Where and for whom the job runs, not what it needs.
    private static boolean isOfAccount(String directive) {
        return directive.matches("(?s)--(qos|reservation|clusters|wckey|chdir)=.*");
    }

    private static String launcher(JobRequest job) {
        String wanted = job.mpi().orElse(NO_LAUNCHER);
        Scheduler scheduler = job.scheduler();
        if (!wanted.equals(NO_LAUNCHER) && !scheduler.launchers().contains(wanted)) {
            List<String> all = Stream.concat(scheduler.launchers().stream(), Stream.of(NO_LAUNCHER))
                    .toList();
            throw FaultException.badInput(
                    "writing a job for " + scheduler.name() + ": it does not start ranks by '" + wanted + "'",
                    "--mpi is one of " + String.join(", ", all) + " there");
        }
        return wanted;
    }

    private static String filled(String template, Map<String, Object> words) {
        Engine engine = Engine.builder().addDefaults().build();
        return engine.parse(text(template)).data(words).render();
    }

    private static String text(String template) {
        try (InputStream stream = JobScript.class.getResourceAsStream(FOLDER + template)) {
            if (stream == null) {
                throw new IllegalStateException("the jar lacks " + FOLDER + template);
            }
            String all = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            StringBuilder kept = new StringBuilder();
            all.lines()
                    .filter(line -> !line.startsWith("##"))
                    .forEach(line -> kept.append(line).append('\n'));
            return kept.toString();
        } catch (IOException e) {
            throw FaultException.io("reading the job template", e);
        }
    }
}
