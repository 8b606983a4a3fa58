package io.berth.container;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.image.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The passwd and group in force inside, and who the program is among them.
///
/// Source: passwd(5), group(5).
final class Accounts {
    private final List<String> passwd;
    private final List<String> group;

    private Accounts(List<String> passwd, List<String> group) {
        this.passwd = passwd;
        this.group = group;
    }

    /// @param folder the `/etc` that holds them
    static Accounts read(Path folder) {
        return read(folder.resolve("passwd"), folder.resolve("group"));
    }

    static Accounts read(Path passwd, Path group) {
        return new Accounts(lines(passwd), lines(group));
    }

    /// Who the program is inside.
    ///
    /// @param known whether the passwd in force has this uid
    record Identity(long uid, long gid, String name, String home, boolean known) {}

    /// Copies of the files with the user in them.
    record Completed(Path passwd, Path group) {}

    /// @param wanted `NAME`, `UID` or either with `:GROUP`
    /// Errors: NOT_FOUND for a name that neither these files nor the host knows.
    Identity identify(String wanted, HostUser caller, HostAccounts host) {
        int colon = wanted.indexOf(':');
        String user = colon < 0 ? wanted : wanted.substring(0, colon);
        Identity identity = listed(user).orElseGet(() -> unlisted(user, caller, host));
        return colon < 0 ? identity : withGroup(identity, wanted.substring(colon + 1), host);
    }

    private Optional<Identity> listed(String user) {
        return passwd.stream()
                .map(text -> text.split(":", -1))
                .filter(fields -> fields.length >= 6 && (fields[0].equals(user) || fields[2].equals(user)))
                .findFirst()
                .map(fields -> new Identity(number(fields[2]), number(fields[3]), fields[0], fields[5], true));
    }

    private static Identity unlisted(String user, HostUser caller, HostAccounts host) {
        if (user.equals(caller.name()) || user.equals(Long.toString(caller.uid()))) {
            return new Identity(caller.uid(), caller.gid(), caller.name(), "/", false);
        }
        if (user.equals("0")) {
            return new Identity(0, 0, "root", "/", false);
        }
        if (user.matches("[0-9]{1,10}")) {
            return new Identity(number(user), caller.gid(), "user" + user, "/", false);
        }
        return Optional.of(user)
                .filter(name -> !name.isEmpty())
                .flatMap(host::user)
                .map(account -> new Identity(account.uid(), account.gid(), account.name(), "/", false))
                .orElseThrow(() -> FaultException.of(
                        Fault.NOT_FOUND,
                        "looking up user '" + user + "': neither the passwd inside nor the host has such a user",
                        "give a number, for example --user=1000"));
    }

    /// Writes passwd and group with the identity (and the caller's groups) added into `folder`. Their names tell their
    /// content, so that runs of one container as different users do not get in each other's way.
    ///
    /// @param always also when nothing needs to be added
    /// @return empty when the files in force serve as they are
    Optional<Completed> complete(Path folder, Identity identity, HostUser caller, String home, boolean always) {
        boolean groupKnown = group.stream().anyMatch(line -> gidOf(line) == identity.gid());
        if (!always && identity.known() && groupKnown) {
            return Optional.empty();
        }
        return Optional.of(new Completed(
                keep(folder, "passwd", users(identity, home)),
                keep(folder, "group", groups(identity, caller, groupKnown))));
    }

    private String users(Identity identity, String home) {
        StringBuilder users = new StringBuilder();
        passwd.forEach(line -> users.append(line).append('\n'));
        if (!identity.known()) {
            users.append(String.join(
                    ":", identity.name(), "x", "" + identity.uid(), "" + identity.gid(), "", home, "/bin/sh\n"));
        }
        return users.toString();
    }

    private String groups(Identity identity, HostUser caller, boolean groupKnown) {
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
        return groups.toString();
    }

    private static Path keep(Path folder, String name, String content) {
        String mark = Digest.sha256Of(content.getBytes(StandardCharsets.UTF_8)).shortened();
        Path file = folder.resolve(name + "-" + mark);
        if (!Files.exists(file)) {
            AtomicFile.write(file, content, "rw-r--r--");
        }
        return file;
    }

    private Identity withGroup(Identity identity, String wanted, HostAccounts host) {
        long gid = wanted.matches("[0-9]{1,10}")
                ? number(wanted)
                : group.stream()
                        .filter(line -> line.startsWith(wanted + ":"))
                        .findFirst()
                        .map(Accounts::gidOf)
                        .or(() -> Optional.of(wanted)
                                .filter(name -> !name.isEmpty())
                                .flatMap(host::group))
                        .orElseThrow(() -> FaultException.of(
                                Fault.NOT_FOUND,
                                "looking up group '" + wanted
                                        + "': neither the container nor the host has such a group",
                                "give a number, for example --user=1000:1000"));
        return new Identity(identity.uid(), gid, identity.name(), identity.home(), identity.known());
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
