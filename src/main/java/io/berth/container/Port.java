package io.berth.container;

import io.berth.fault.FaultException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A port that the program listens on, and the host's port that stands for it.
public record Port(int host, int inside) {
    private static final Pattern FORM = Pattern.compile("(?:([0-9]{1,5}):)?([0-9]{1,5})(?:/(?:tcp|udp))?");
    private static final int LAST = 65535;

    /// @param text `HOST:INSIDE`, with or without an address in front; a single number is both
    public static Port parse(String text) {
        Matcher form = FORM.matcher(withoutAddress(text));
        if (form.matches()) {
            int inside = Integer.parseInt(form.group(2));
            int host = form.group(1) == null ? inside : Integer.parseInt(form.group(1));
            if (inside > 0 && inside <= LAST && host > 0 && host <= LAST) {
                return new Port(host, inside);
            }
        }
        throw FaultException.badInput(
                "reading the port '" + text + "': it is not HOST:INSIDE, two numbers from 1 to 65535",
                "for example --publish=8080:80");
    }

    /// `127.0.0.1:8080:80`, `[::1]:8080:80`: the last two numbers count.
    private static String withoutAddress(String text) {
        int last = text.lastIndexOf(':');
        int before = last < 0 ? -1 : text.lastIndexOf(':', last - 1);
        return before < 0 ? text : text.substring(before + 1);
    }
}
