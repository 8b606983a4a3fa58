package io.berth.app;

import io.berth.progress.Progress;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// Tells how many bytes go through. Ending the work does not close the stream below.
final class HeardOutput extends FilterOutputStream {
    private final Progress.Task task;

    HeardOutput(OutputStream out, Progress.Task task) {
        super(out);
        this.task = task;
    }

    @Override
    public void write(int one) throws IOException {
        out.write(one);
        task.advance(1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        task.advance(length);
    }
}
