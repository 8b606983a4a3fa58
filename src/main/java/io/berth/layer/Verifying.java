package io.berth.layer;

import io.berth.image.Digest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;

/// The hashing thread: passes pieces on and compares each layer with its diff id where one is given.
final class Verifying implements Runnable {
    private final List<LayerFile> layers;
    private final BlockingQueue<Piece> in;
    private final BlockingQueue<Piece> out;

    Verifying(List<LayerFile> layers, BlockingQueue<Piece> in, BlockingQueue<Piece> out) {
        this.layers = layers;
        this.in = in;
        this.out = out;
    }

    @Override
    public void run() {
        try {
            Iterator<LayerFile> rest = layers.iterator();
            while (rest.hasNext()) {
                Piece end = verify(rest.next().diffId());
                out.put(end);
                if (end instanceof Piece.Failure) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Piece verify(Optional<Digest> diffId) throws InterruptedException {
        Optional<MessageDigest> hasher = diffId.map(Digest::hasher);
        while (true) {
            Piece piece = in.take();
            if (!(piece instanceof Piece.Bytes(ByteBuffer buffer))) {
                return piece instanceof Piece.EndOfLayer && diffId.isPresent()
                        ? compared(diffId.get(), hasher.orElseThrow().digest())
                        : piece;
            }
            hasher.ifPresent(h -> h.update(buffer.duplicate()));
            out.put(piece);
        }
    }

    private static Piece compared(Digest wanted, byte[] hash) {
        Digest got = Digest.of(wanted.algorithm(), hash);
        return got.equals(wanted)
                ? new Piece.EndOfLayer()
                : new Piece.Failure(
                        Corrupt.archive("the unpacked archive has the digest " + got + ", the image says " + wanted));
    }
}
