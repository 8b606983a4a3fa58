package io.berth.cli;

import io.berth.app.CreateContainer;
import io.berth.app.LogIn;
import io.berth.app.LogOut;
import io.berth.app.PrepareNode;
import io.berth.app.PullImage;
import io.berth.app.ReleaseNode;
import io.berth.app.RunJob;
import io.berth.app.SearchImages;
import io.berth.app.ShowManifest;
import io.berth.app.StartContainer;
import io.berth.app.WriteJobScript;
import io.berth.batch.NodeContext;
import io.berth.engine.HostFacts;
import io.berth.progress.Progress;
import io.berth.store.Repository;

/// The verbs, made when asked for, so that a command loads only what it uses.
public interface Toolbox {
    String version();

    /// Made if it is missing.
    Repository repository();

    /// Only read: an absent one is empty.
    Repository existingRepository();

    PullImage pullImage(Progress progress);

    CreateContainer createContainer(Progress progress);

    StartContainer startContainer();

    WriteJobScript writeJobScript();

    RunJob runJob();

    NodeContext nodeContext();

    PrepareNode prepareNode();

    ReleaseNode releaseNode();

    HostFacts hostFacts();

    LogIn logIn();

    LogOut logOut();

    SearchImages searchImages();

    ShowManifest showManifest();

    Terminal terminal();
}
