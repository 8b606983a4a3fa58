package io.berth.container;

import io.berth.fault.FaultException;
import java.util.regex.Pattern;

/// Processors, as `0-3,8` in lists of cpuset(7).
public final class CpuList {
    private static final int LAST = 8191;
    private static final Pattern PART = Pattern.compile("[0-9]{1,4}(-[0-9]{1,4})?");

    private CpuList() {}

    /// @return the text, once it is known to be a list
    public static String parse(String text) {
        for (String part : text.split(",", -1)) {
            String[] ends = part.split("-", -1);
            if (!PART.matcher(part).matches()
                    || Integer.parseInt(ends[0]) > Integer.parseInt(ends[ends.length - 1])
                    || Integer.parseInt(ends[ends.length - 1]) > LAST) {
                throw FaultException.badInput(
                        "reading the processors '" + text + "': '" + part + "' is neither a number nor a range",
                        "for example --cpuset-cpus=0-3,8");
            }
        }
        return text;
    }
}
