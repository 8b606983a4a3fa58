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

/// A real repository, and no verb that needs a network or a node.
class FakeToolbox implements Toolbox {
    private final Repository repository;

    FakeToolbox(Repository repository) {
        this.repository = repository;
    }

    @Override
    public String version() {
        return "9.8.7";
    }

    @Override
    public Repository repository() {
        return repository;
    }

    @Override
    public Repository existingRepository() {
        return repository;
    }

    @Override
    public PullImage pullImage(Progress progress) {
        throw notHere();
    }

    @Override
    public CreateContainer createContainer(Progress progress) {
        throw notHere();
    }

    @Override
    public StartContainer startContainer() {
        throw notHere();
    }

    @Override
    public WriteJobScript writeJobScript() {
        throw notHere();
    }

    @Override
    public RunJob runJob() {
        throw notHere();
    }

    @Override
    public NodeContext nodeContext() {
        throw notHere();
    }

    @Override
    public PrepareNode prepareNode() {
        throw notHere();
    }

    @Override
    public ReleaseNode releaseNode() {
        throw notHere();
    }

    @Override
    public HostFacts hostFacts() {
        throw notHere();
    }

    @Override
    public LogIn logIn() {
        throw notHere();
    }

    @Override
    public LogOut logOut() {
        throw notHere();
    }

    @Override
    public SearchImages searchImages() {
        throw notHere();
    }

    @Override
    public ShowManifest showManifest() {
        throw notHere();
    }

    @Override
    public Terminal terminal() {
        throw notHere();
    }

    private static AssertionError notHere() {
        return new AssertionError("this command must not come so far");
    }
}
