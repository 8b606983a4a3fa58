package io.berth.container;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The tree's passwd and group, and who the program is among them.
///
/// Source: passwd(5), group(5).
final class Accounts {
    private final List<String> passwd;
    private final List<String> group;

    private Accounts(List<String> passwd, List<String> group) {
        this.passwd = passwd;
        this.group = group;
    }

    static Accounts read(Path root) {
        return new Accounts(lines(root.resolve("etc/passwd")), lines(root.resolve("etc/group")));
    }

    /// Who the program is inside.
    ///
    /// @param known whether the tree's passwd has this uid
    record Identity(long uid, long gid, String name, String home, boolean known) {}

    /// @param wanted `NAME`, `UID` or either with `:GROUP`
    /// Errors: NOT_FOUND for a name that neither the image nor the host's caller has.
    Identity identify(String wanted, HostUser caller) {
        int colon = wanted.indexOf(':');
        String user = colon < 0 ? wanted : wanted.substring(0, colon);
        Optional<String[]> line = passwd.stream()
                .map(text -> text.split(":", -1))
                .filter(fields -> fields.length >= 6 && (fields[0].equals(user) || fields[2].equals(user)))
                .findFirst();
        Identity identity;
        if (line.isPresent()) {
            String[] fields = line.get();
            identity = new Identity(number(fields[2]), number(fields[3]), fields[0], fields[5], true);
        } else if (user.equals(caller.name()) || user.equals(Long.toString(caller.uid()))) {
            identity = new Identity(caller.uid(), caller.gid(), caller.name(), "/", false);
        } else if (user.matches("[0-9]{1,10}")) {
            identity = new Identity(
                    number(user),
                    user.equals("0") ? 0 : caller.gid(),
                    user.equals("0") ? "root" : "user" + user,
                    "/",
                    false);
        } else {
            throw FaultException.of(
                    Fault.NOT_FOUND,
                    "looking up user '" + user + "': the image's passwd has no such user",
                    "give a number, for example --user=1000");
        }
        return colon < 0 ? identity : withGroup(identity, wanted.substring(colon + 1));
    }

    /// passwd and group with the identity (and the caller's groups) added, written into `folder`.
    ///
    /// @return false when nothing needs to be added: the tree's own files serve
    boolean writeInto(Path folder, Identity identity, HostUser caller, String home) {
        boolean groupKnown = group.stream().anyMatch(line -> gidOf(line) == identity.gid());
        if (identity.known() && groupKnown) {
            return false;
        }
        StringBuilder users = new StringBuilder();
        passwd.forEach(line -> users.append(line).append('\n'));
        if (!identity.known()) {
            users.append(String.join(
                    ":", identity.name(), "x", "" + identity.uid(), "" + identity.gid(), "", home, "/bin/sh\n"));
        }
        StringBuilder groups = new StringBuilder();
        group.forEach(line -> groups.append(line).append('\n'));
        if (!groupKnown) {
            groups.append(groupLine(identity.gid()));
        }
        for (long gid : caller.groupIds()) {
            if (gid != identity.gid() && group.stream().noneMatch(line -> gidOf(line) == gid)) {
                groups.append(groupLine(gid));
            }
        }
        AtomicFile.write(folder.resolve("passwd"), users.toString(), "rw-r--r--");
        AtomicFile.write(folder.resolve("group"), groups.toString(), "rw-r--r--");
        return true;
    }

    private Identity withGroup(Identity identity, String wanted) {
        if (wanted.matches("[0-9]{1,10}")) {
            return new Identity(identity.uid(), number(wanted), identity.name(), identity.home(), identity.known());
        }
        return group.stream()
                .filter(line -> line.startsWith(wanted + ":"))
                .findFirst()
                .map(line ->
                        new Identity(identity.uid(), gidOf(line), identity.name(), identity.home(), identity.known()))
                .orElseThrow(() -> FaultException.of(
                        Fault.NOT_FOUND,
                        "looking up group '" + wanted + "': the image has no such group",
                        "give a number, for example --user=1000:1000"));
    }

    private static String groupLine(long gid) {
        return "G" + gid + ":x:" + gid + ":\n";
    }

    private static long gidOf(String line) {
        String[] fields = line.split(":", -1);
        return fields.length >= 3 && fields[2].matches("[0-9]{1,10}") ? number(fields[2]) : -1;
    }

    private static long number(String text) {
        return text.matches("[0-9]{1,10}") ? Long.parseLong(text) : 65534;
    }

    /// A link is not followed: the tree is not trusted to point into itself.
    private static List<String> lines(Path file) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || !Files.isReadable(file)) {
            return List.of();
        }
        try {
            // not every image writes UTF-8 here, and a full name is no reason not to start it
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw FaultException.io("reading " + file, e);
        }
    }
}
