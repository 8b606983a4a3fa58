package io.berth.engine;

/// What a request, an image or a place may need of a mode. The table of [Capabilities] has a row for each.
public enum Feature {
    FOLDER_VOLUME("a folder of the host, at the same or another path"),
    FILE_VOLUME("a file of the host, also over a file of the image"),
    NESTED_VOLUME("a volume inside another one"),
    BLANK_IN_PATH("blanks in a volume's path"),
    COLON_IN_PATH("a colon in a volume's path"),
    READ_ONLY_VOLUME("a read-only volume (`:ro`)"),
    MOUNT_FLAGS("a volume with `noexec` or `nodev`"),
    MEMORY_FOLDER("a folder in memory (`--tmpfs`)"),
    READ_ONLY_TREE("a tree that is shared and may not be written"),
    NOEXEC_PLACE("a tree on a file system mounted `noexec`"),
    OWN_USER("the caller's own user and group"),
    ROOT("user 0 inside"),
    OTHER_USER("another user (`--user`)"),
    ROOT_EMULATION("what only root can do: chown, mknod, setuid"),
    SUBORDINATE_IDS("users besides one: subordinate ids (`--subids`)"),
    ACCOUNT_FILES("`/etc/passwd` and `/etc/group` (`--hostauth`, `--containerauth`)"),
    SYSTEM_FOLDERS("`/proc`, `/sys`, `/dev` of the host"),
    NO_SYSTEM_FOLDERS("no `/proc` or no `/dev` of the host (`--nosysdirs`, `--novol`)"),
    RESOLVER_FILES("`/etc/resolv.conf`, `/etc/hosts` of the host"),
    DEVICE("a device where `/dev` is not shown (`--device`)"),
    ABSOLUTE_LINKS("absolute links in the image"),
    SCRIPTS("scripts (`#!`)"),
    STATIC_PROGRAM("a static main program"),
    SETUID_PROGRAM("setuid programs and file capabilities"),
    MUSL_IMAGE("an image with musl"),
    OLD_LIBC("an image with a C library older than the host's"),
    NEW_LIBC("an image with a C library newer than the host's"),
    NEWER_KERNEL("a C library that asks for a newer kernel than the host's"),
    OTHER_ARCHITECTURE("an image for another processor (`--platform`)"),
    TERMINAL("standard input, a terminal"),
    JOB_CONTROL("job control of a shell, `/dev/tty`"),
    STATUS_AND_SIGNALS("exit status, 128+n, signals"),
    DESCRIPTORS("inherited descriptors under their numbers"),
    SHARED_NAMESPACE("ranks of a node read each other's memory"),
    UNSHARED("network, ipc or host name of its own (`--container-unshare`)"),
    PROCESSORS("`--cpuset-cpus`"),
    KERNEL("another kernel release (`--kernel`)"),
    MOVED_PORT("a port that is another one outside (`--publish`)"),
    FREE_PORTS("ports moved to free ones (`--publish-all`)");

    private final String title;

    Feature(String title) {
        this.title = title;
    }

    /// As a row of the document names it.
    public String title() {
        return title;
    }
}
