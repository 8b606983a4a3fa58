package io.berth.process;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/// Hands a plan to the front, which started this JVM and becomes the program when the JVM has ended well.
///
/// @param descriptor the write end of the front's pipe, inherited
public record Handover(OptionalInt descriptor) {
    private static final String AGAIN = "again\n";

    public void give(LaunchPlan plan) {
        answer(PlanText.of(plan));
    }

    /// Asks for this command to be started again, in a JVM that suits much work.
    public void again() {
        answer(AGAIN);
    }

    /// Asks for this command to be started again where those ids are the caller's.
    public void againAmong(LaunchPlan.SubIds ids) {
        answer("ids " + PlanText.words(ids.words()) + "\n");
    }

    private void answer(String text) {
        int number = descriptor.orElseThrow(() -> FaultException.of(
                Fault.HOST_UNFIT,
                "starting the program: berth was not started by its front",
                "start bin/berth instead"));
        // Java cannot wrap a descriptor number; opening it by its name gives the same pipe
        try (FileOutputStream pipe = new FileOutputStream("/proc/self/fd/" + number)) {
            pipe.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw FaultException.io("handing the plan to the front", e);
        }
    }
}
