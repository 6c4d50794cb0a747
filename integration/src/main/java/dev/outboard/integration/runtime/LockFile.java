package dev.outboard.integration.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file whose lock says that a living daemon owns what is beside it; the kernel takes the lock
 * back when its holder dies, however that was. The file itself stays: to remove it would let two
 * daemons hold two locks of one name. One thread at a time.
 */
public final class LockFile {
  private final Path file;
  private FileChannel channel;
  private boolean afterKill;

  /** Takes nothing yet. */
  public LockFile(Path file) {
    this.file = file;
  }

  /** Takes the lock if nobody has it, and writes down who has it now. */
  public boolean take() throws IOException {
    FileChannel opened =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    FileLock held = null;
    try {
      held = opened.tryLock();
    } catch (OverlappingFileLockException e) {
      // held by this process: as good as by another
    }
    if (held == null) {
      opened.close();
      return false;
    }
    // An orderly end leaves it empty.
    afterKill = opened.size() > 0;
    String pid = ProcessHandle.current().pid() + "\n";
    opened.truncate(0).write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)));
    channel = opened;
    return true;
  }

  /** Who has it, for a message. */
  public String holder() throws IOException {
    return "process " + Files.readString(file).strip();
  }

  /** Whether this object has it. */
  public boolean isHeld() {
    return channel != null;
  }

  /** Whether whoever had it before did not give it back. */
  public boolean isAfterKill() {
    return afterKill;
  }

  /** Gives it back; harmless if it was not taken. */
  public void release() throws IOException {
    if (channel != null) {
      channel.truncate(0).close();
      channel = null;
    }
  }
}
