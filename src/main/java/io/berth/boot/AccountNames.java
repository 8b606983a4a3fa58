package io.berth.boot;

import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.Passwd;

/// The name and home of a uid, through NSS, so that users who are only in a directory service are found.
///
/// Cost: the first call loads JNR, 150 ms; it is made only when the environment does not say.
final class AccountNames {
    private AccountNames() {}

    record Account(String name, String home) {}

    static Account of(long uid) {
        POSIX posix = POSIXFactory.getNativePOSIX();
        Passwd passwd = posix.getpwuid((int) uid);
        return passwd == null ? new Account("user" + uid, "/") : new Account(passwd.getLoginName(), passwd.getHome());
    }
}
