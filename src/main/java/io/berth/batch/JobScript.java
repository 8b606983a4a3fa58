package io.berth.batch;

import io.berth.fault.FaultException;
import io.quarkus.qute.Engine;
import io.quarkus.qute.Template;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// The text of a job script, made from `job-templates/slurm.sbatch`.
///
/// Lines that begin with `##` explain the template and are left out.
public final class JobScript {
    private static final String TEMPLATE = "/job-templates/slurm.sbatch";

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:=@%+,\\[\\]()&|*-]*");

    private JobScript() {}

    /// @param home folder of the distribution, at the same path on every node
    /// @param nodeDirectory where nodes keep what they stage
    public static String of(JobRequest job, Path home, Path nodeDirectory, String version) {
        for (String directive : job.directives()) {
            if (directive.contains("\n")) {
                throw FaultException.badInput(
                        "writing a job script: an option holds a line break", "remove it: " + directive.strip());
            }
        }
        Engine engine = Engine.builder().addDefaults().build();
        Template template = engine.parse(text());
        return template.data("version", version)
                .data("asked", job.asked().replace('\n', ' '))
                .data(
                        "directives",
                        job.directives().stream().map(JobScript::directive).toList())
                .data("berth", ShellWord.quote(home.toString()))
                .data("image", ShellWord.quote(job.image().toString()))
                .data("nodeDir", ShellWord.quote(nodeDirectory.toString()))
                .data(
                        "mpi",
                        job.mpi()
                                .map(kind -> "--mpi=" + ShellWord.quote(kind) + " ")
                                .orElse(""))
                .data("prepare", job.prepare().isEmpty() ? "" : ShellWord.quoteAll(job.prepare()) + " ")
                .data("command", job.command().isEmpty() ? "" : " -- " + ShellWord.quoteAll(job.command()))
                .render();
    }

    /// A value with anything special in double quotes, in which sbatch still reads the backslash.
    ///
    /// Source: tried with sbatch of Slurm 22.05.
    private static String directive(String option) {
        int equals = option.indexOf('=');
        String value = option.substring(equals + 1);
        if (equals < 0 || PLAIN.matcher(value).matches()) {
            return option;
        }
        return option.substring(0, equals + 1)
                + '"'
                + value.replace("\\", "\\\\").replace("\"", "\\\"")
                + '"';
    }

    private static String text() {
        try (InputStream stream = JobScript.class.getResourceAsStream(TEMPLATE)) {
            if (stream == null) {
                throw new IllegalStateException("the jar lacks " + TEMPLATE);
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
