package io.berth.cli;

import io.berth.app.CreateContainer;
import io.berth.app.ObtainContainer;
import io.berth.app.PrepareNode;
import io.berth.app.PullImage;
import io.berth.app.ReleaseNode;
import io.berth.app.RunJob;
import io.berth.app.StartContainer;
import io.berth.app.WriteJobScript;
import io.berth.batch.NodeContext;
import io.berth.engine.HostFacts;
import io.berth.progress.Progress;
import io.berth.store.Repository;
import java.util.Map;

/// The verbs, made when asked for, so that a command loads only what it uses.
public interface Toolbox {
    String version();

    /// Made if it is missing.
    Repository repository();

    /// Only read: an absent one is empty.
    Repository existingRepository();

    PullImage pullImage(Progress progress);

    CreateContainer createContainer(Progress progress);

    /// @param settings for the pull, by key
    ObtainContainer obtainContainer(Progress progress, Map<String, String> settings);

    StartContainer startContainer();

    /// Asks the front to start this command again with what suits much work, when it was started for little.
    ///
    /// @return whether it will, so that there is nothing more to do here
    boolean startAgainForMuchWork();

    WriteJobScript writeJobScript();

    RunJob runJob();

    NodeContext nodeContext();

    PrepareNode prepareNode();

    ReleaseNode releaseNode();

    HostFacts hostFacts();
}
