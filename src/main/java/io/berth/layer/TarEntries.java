package io.berth.layer;

import io.berth.fault.FaultException;
import java.io.IOException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/// The entries of one layer's archive, with the reader's troubles put as faults.
///
/// Source: POSIX.1-2017 pax; GNU tar 1.34 formats; read by commons-compress.
final class TarEntries {
    private static final int RECORD = 512;
    private static final int BLOCK = 20 * RECORD;

    private final LayerStream stream;
    private final TarArchiveInputStream tar;
    private final byte[] rest = new byte[BLOCK];
    private boolean first = true;

    TarEntries(LayerStream stream) {
        this.stream = stream;
        this.tar = new TarArchiveInputStream(stream, BLOCK, RECORD, "UTF-8", true);
    }

    /// The next entry, or null at the end, when the whole layer was read and is good. Skips unread contents.
    @Nullable
    TarArchiveEntry next() {
        TarArchiveEntry entry;
        try {
            while (!first && tar.read(rest, 0, rest.length) > 0) {
                // skipped here, since only headers may be read below
            }
            stream.limitHeader();
            entry = tar.getNextEntry();
            stream.limitNothing();
        } catch (FaultException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // the reader answers some hostile headers with IllegalArgumentException and the like
            throw damaged(e);
        }
        if (entry == null) {
            checkEnd();
            return null;
        }
        if (!entry.isCheckSumOK()) {
            throw first
                    ? Corrupt.archive("it is not a tar archive")
                    : Corrupt.archive("the header after " + stream.count() + " bytes is damaged");
        }
        first = false;
        return entry;
    }

    /// Whether a name of the present entry cannot be a file's: Java cannot say names that are not UTF-8, and the reader
    /// puts a question mark for each such byte.
    boolean isUnnameable(String name) {
        return name.indexOf('\0') >= 0
                || (stream.isHeaderOdd() && (name.indexOf('?') >= 0 || name.indexOf('\uFFFD') >= 0));
    }

    /// Errors: CORRUPT when the archive ends within the entry.
    int read(byte[] into) {
        try {
            return tar.read(into, 0, into.length);
        } catch (IOException e) {
            throw damaged(e);
        }
    }

    /// Some archives lack the two empty records at their end; one that stops within a record is cut off.
    private void checkEnd() {
        long count = stream.count();
        stream.drain();
        if (count % RECORD != 0 && count == stream.count()) {
            throw first ? Corrupt.archive("it is not a tar archive") : Corrupt.tooEarly();
        }
    }

    private FaultException damaged(Exception e) {
        if (first) {
            return Corrupt.archive("it is not a tar archive", e);
        }
        String text = String.valueOf(e.getMessage());
        return text.contains("runcated") || text.contains("EOF")
                ? Corrupt.tooEarly()
                : Corrupt.archive("the archive is damaged (" + text + ")", e);
    }
}
