package io.berth.container;

import java.util.List;

/// The person who runs berth, as the host knows them.
///
/// @param groupIds supplementary groups, without the primary one
public record HostUser(long uid, long gid, List<Long> groupIds, String name, String home) {
    public HostUser {
        groupIds = List.copyOf(groupIds);
    }

    public boolean isRoot() {
        return uid == 0;
    }
}
