package io.berth.boot;

import io.berth.container.HostAccounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import jnr.posix.Group;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.Passwd;

/// The name and home of a uid: from passwd, else through NSS, so that users who are only in a directory service are
/// found.
///
/// Cost: NSS loads JNR, 150 ms; it is asked only when neither the environment nor passwd says.
final class AccountNames implements HostAccounts {

    record Account(String name, String home) {}

    static Account of(long uid) {
        return inPasswd(uid).orElseGet(() -> throughNss(uid));
    }

    @Override
    public Optional<HostAccount> user(String name) {
        Passwd passwd = POSIXFactory.getNativePOSIX().getpwnam(name);
        return passwd == null
                ? Optional.empty()
                : Optional.of(new HostAccount(
                        passwd.getLoginName(),
                        Integer.toUnsignedLong((int) passwd.getUID()),
                        Integer.toUnsignedLong((int) passwd.getGID()),
                        passwd.getHome()));
    }

    @Override
    public Optional<Long> group(String name) {
        Group group = POSIXFactory.getNativePOSIX().getgrnam(name);
        return group == null ? Optional.empty() : Optional.of(Integer.toUnsignedLong((int) group.getGID()));
    }

    /// Source: passwd(5). Bytes that are not text do no harm: only the matching line is used.
    private static Optional<Account> inPasswd(long uid) {
        try (Stream<String> lines = Files.lines(Path.of("/etc/passwd"), StandardCharsets.ISO_8859_1)) {
            return lines.map(line -> line.split(":", -1))
                    .filter(fields -> fields.length >= 6 && fields[2].equals(Long.toString(uid)))
                    .findFirst()
                    .map(fields -> new Account(fields[0], fields[5]));
        } catch (IOException e) {
            return Optional.empty(); // the other way may still know
        }
    }

    private static Account throughNss(long uid) {
        POSIX posix = POSIXFactory.getNativePOSIX();
        Passwd passwd = posix.getpwuid((int) uid);
        return passwd == null ? new Account("user" + uid, "/") : new Account(passwd.getLoginName(), passwd.getHome());
    }
}
