package io.berth.fault;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The only exception that crosses a room's border (bugs aside).
///
/// Shape: the message says what was being done, on what, and what came back, in one line without class names;
/// the hint says one thing to do. Both are shown to the user as they are, so neither holds a secret or a query
/// string.
public final class FaultException extends RuntimeException {
    private final Fault fault;
    private final @Nullable String hint;

    private FaultException(Fault fault, String message, @Nullable String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.fault = fault;
        this.hint = hint;
    }

    public static FaultException of(Fault fault, String message, String hint) {
        return new FaultException(fault, message, hint, null);
    }

    public static FaultException of(Fault fault, String message, String hint, Throwable cause) {
        return new FaultException(fault, message, hint, cause);
    }

    public static FaultException badInput(String message, String hint) {
        return new FaultException(Fault.BAD_INPUT, message, hint, null);
    }

    /// Translates what the operating system answered.
    ///
    /// @param doing what was being done, on what, for example `writing /scratch/x`
    public static FaultException io(String doing, IOException answer) {
        Fault fault = faultOf(answer);
        return new FaultException(fault, doing + ": " + reasonOf(answer), hintFor(fault), answer);
    }

    public Fault fault() {
        return fault;
    }

    public Optional<String> hint() {
        return Optional.ofNullable(hint);
    }

    /// The same fault with `doing: ` in front, for a caller that knows better what it was for.
    public FaultException during(String doing) {
        return new FaultException(fault, doing + ": " + getMessage(), hint, this);
    }

    private static Fault faultOf(IOException answer) {
        String text = String.valueOf(answer.getMessage());
        if (text.contains("No space left on device") || text.contains("quota exceeded")) {
            return Fault.NO_SPACE;
        }
        return switch (answer) {
            case NoSuchFileException _ -> Fault.NOT_FOUND;
            case AccessDeniedException _ -> Fault.NOT_ALLOWED;
            case ClosedByInterruptException _, FileLockInterruptionException _ -> Fault.INTERRUPTED;
            case FileSystemException _
            when text.contains("Read-only file system") || text.contains("not permitted") -> Fault.NOT_ALLOWED;
            default -> Fault.UNREACHABLE;
        };
    }

    private static String reasonOf(IOException answer) {
        return switch (answer) {
            case NoSuchFileException _ -> "no such file or folder";
            case AccessDeniedException _ -> "permission denied";
            case ClosedByInterruptException _, FileLockInterruptionException _ -> "stopped";
            case CharacterCodingException _ -> "it is not UTF-8 text";
            case FileAlreadyExistsException _ -> "it exists already";
            case DirectoryNotEmptyException _ -> "the folder is not empty";
            case NotDirectoryException _ -> "it is not a folder";
            case FileSystemException system
            when system.getReason() != null -> system.getReason().toLowerCase(Locale.ROOT);
            default -> answer.getMessage() == null ? "input/output error" : answer.getMessage();
        };
    }

    private static @Nullable String hintFor(Fault fault) {
        return switch (fault) {
            case NO_SPACE -> "free space there, or choose another folder";
            case NOT_ALLOWED -> "check who owns it and its permissions";
            case NOT_FOUND -> "check the path";
            case INTERRUPTED -> "run it again";
            case BAD_INPUT, UNREACHABLE, CORRUPT, BUSY, HOST_UNFIT -> null;
        };
    }
}
