package io.berth.stage;

import io.berth.fault.FaultException;

/// A tree that outlives its step: the job's next steps on the node find it by name.
///
/// @param ofNode it outlives the job too: all jobs of the user on the node find it
public record TreeName(String name, Rule rule, boolean ofNode) {
    /// What is done when it is there, or not.
    public enum Rule {
        /// Used if it is there, together with the steps that run in it; else made.
        AUTO,
        /// Made; it must not be there.
        CREATE,
        /// A step must run in it, which is joined.
        EXEC,
        /// As auto, but its files only: a step that runs in it is left alone.
        NO_EXEC
    }

    public TreeName {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")) {
            throw FaultException.badInput(
                    "naming a container '" + name + "': names have letters, digits, '_', '.' and '-'",
                    "try --container-name=solver");
        }
    }

    /// Of the job.
    public static TreeName parse(String text) {
        return parse(text, false);
    }

    /// `NAME[:auto|create|exec|no_exec]`
    public static TreeName parse(String text, boolean ofNode) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        return switch (colon < 0 ? "auto" : text.substring(colon + 1)) {
            case "auto" -> new TreeName(name, Rule.AUTO, ofNode);
            case "create" -> new TreeName(name, Rule.CREATE, ofNode);
            case "exec" -> new TreeName(name, Rule.EXEC, ofNode);
            case "no_exec" -> new TreeName(name, Rule.NO_EXEC, ofNode);
            default ->
                throw FaultException.badInput(
                        "naming a container '" + text + "': the rule is not known",
                        "auto, create, exec and no_exec are");
        };
    }
}
