package io.berth.layer;

import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;

/// One entry of an archive.
///
/// @param name bytes, see [ByteName]; so is `link`
/// @param storedBytes of contents in the archive
/// @param size of the file; more than is stored when it is sparse
/// @param pieces where the stored bytes go, in order; empty when the file is not sparse
/// @param attributes extended ones, values as bytes
record TarEntry(
        String name,
        String link,
        char type,
        int mode,
        long storedBytes,
        long size,
        FileTime modified,
        List<TarSparse.Piece> pieces,
        Map<String, String> attributes) {
    static final char FILE = '0';
    static final char HARD_LINK = '1';
    static final char SYMBOLIC_LINK = '2';
    static final char CHARACTER_DEVICE = '3';
    static final char BLOCK_DEVICE = '4';
    static final char FOLDER = '5';
    static final char FIFO = '6';
    static final char CONTIGUOUS = '7';

    boolean isSparse() {
        return size != storedBytes || !pieces.isEmpty();
    }

    boolean isFolder() {
        return type == FOLDER;
    }

    boolean isFile() {
        return type == FILE;
    }
}
