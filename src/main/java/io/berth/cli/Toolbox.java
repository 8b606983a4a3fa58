package io.berth.cli;

import io.berth.app.CloneContainer;
import io.berth.app.CreateContainer;
import io.berth.app.ExportContainer;
import io.berth.app.ImportArchive;
import io.berth.app.InstallEngines;
import io.berth.app.LoadImages;
import io.berth.app.LogIn;
import io.berth.app.LogOut;
import io.berth.app.LongWork;
import io.berth.app.ObtainContainer;
import io.berth.app.PinImage;
import io.berth.app.PlanCache;
import io.berth.app.PrepareNode;
import io.berth.app.PruneRepository;
import io.berth.app.PullImage;
import io.berth.app.ReleaseNode;
import io.berth.app.RunJob;
import io.berth.app.SaveImages;
import io.berth.app.SaveStep;
import io.berth.app.SearchImages;
import io.berth.app.SetUpContainer;
import io.berth.app.ShowManifest;
import io.berth.app.StartContainer;
import io.berth.app.SweepNode;
import io.berth.app.VerifyRepository;
import io.berth.app.WriteJobScript;
import io.berth.batch.MpiStep;
import io.berth.batch.NodeContext;
import io.berth.config.Settings;
import io.berth.engine.HostFacts;
import io.berth.engine.Maker;
import io.berth.progress.Progress;
import io.berth.store.Repository;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// The verbs, made when asked for, so that a command loads only what it uses.
public interface Toolbox {
    String version();

    Settings settings();

    /// Made if it is missing.
    Repository repository();

    /// Only read: an absent one is empty.
    Repository existingRepository();

    /// Errors: BUSY when something is there already.
    Repository makeRepository(String folder);

    CloneContainer cloneContainer(Progress progress);

    SetUpContainer setUpContainer();

    InstallEngines installEngines();

    VerifyRepository verifyRepository(Progress progress);

    /// The mode that a container is said to have when none was stored in it, by udocker's name.
    String usualMode();

    PullImage pullImage(Progress progress);

    /// @param say hears once when it takes long
    LongWork longWork(Consumer<String> say);

    CreateContainer createContainer(Progress progress);

    ObtainContainer obtainContainer(Progress progress);

    PruneRepository pruneRepository();

    ImportArchive importArchive(Progress progress);

    ExportContainer exportContainer(Progress progress);

    LoadImages loadImages(Progress progress);

    SaveImages saveImages(Progress progress);

    /// @param engine that makes R1; absent for the settings' one
    StartContainer startContainer(Optional<Maker> engine);

    PlanCache planCache();

    /// Asks the front to start this command again with what suits much work, when it was started for little.
    ///
    /// @return whether it will, so that there is nothing more to do here
    boolean startAgainForMuchWork();

    /// Asks the front to start this command again where the files of these containers are the caller's, when some are
    /// subordinate ids'.
    ///
    /// @param folders of containers, and what is left of such
    /// @return whether it will, so that there is nothing more to do here
    boolean startAgainForFilesIn(List<Path> folders);

    WriteJobScript writeJobScript();

    RunJob runJob();

    NodeContext nodeContext();

    PinImage pinImage();

    /// How ranks are going to be started, as the script or the environment says.
    MpiStep mpiStep(Optional<String> named, Optional<Integer> ranks);

    /// @param engine that makes R1; absent for the settings' one
    /// @param slow hears once when fetching and unpacking take long
    PrepareNode prepareNode(Optional<Maker> engine, Consumer<String> slow);

    ReleaseNode releaseNode();

    SweepNode sweepNode();

    SaveStep saveStep();

    HostFacts hostFacts();

    LogIn logIn();

    LogOut logOut();

    SearchImages searchImages();

    ShowManifest showManifest();

    Terminal terminal();
}
