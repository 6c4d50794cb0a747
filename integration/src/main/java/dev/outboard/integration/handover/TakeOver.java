package dev.outboard.integration.handover;

import dev.outboard.engine.handover.GuestState;
import dev.outboard.integration.UserException;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.PeerCredentials;
import dev.outboard.linux.UnixSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The new daemon's side of a hand-over. One thread, at its start. */
public final class TakeOver implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** The other rehearses first; guests run on meanwhile. */
  private static final Duration WELCOME_PATIENCE = Duration.ofSeconds(60);

  private final HandoverChannel channel;
  private final long pid;

  private TakeOver(HandoverChannel channel, long pid) {
    this.channel = channel;
    this.pid = pid;
  }

  /**
   * Connects to the running daemon; nothing happens to its guests yet.
   *
   * @param path where it waits for this
   */
  public static TakeOver connect(Path path) throws UserException {
    int fd;
    try {
      fd = UnixSocket.connect(path);
    } catch (LinuxException e) {
      throw new UserException(
          "there is no daemon to take over from: " + e.getMessage() + "; leave out --take-over", e);
    }
    try {
      HandoverChannel channel = new HandoverChannel(fd);
      try {
        PeerCredentials peer = UnixSocket.peerCredentials(fd);
        Object own = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        if (peer.uid() != (int) own) {
          throw new IOException("it belongs to user " + peer.uid());
        }
        channel.send(HandoverMessage.of(HandoverMessage.Step.HELLO));
        return new TakeOver(
            channel, channel.receive(HandoverMessage.Step.WELCOME, WELCOME_PATIENCE).pid());
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** The running daemon's process. */
  public long pid() {
    return pid;
  }

  /** Has it stop its guests; gives them, with descriptors that are this process's. */
  public List<GuestState> take() throws UserException {
    try {
      channel.send(HandoverMessage.of(HandoverMessage.Step.GO));
      HandoverMessage guests = channel.receive(HandoverMessage.Step.GUESTS, PATIENCE);
      int[] files = channel.receiveFiles(guests.files(), PATIENCE);
      return guests.guests().stream().map(guest -> guest.withFiles(at -> files[at])).toList();
    } catch (IOException | IndexOutOfBoundsException e) {
      throw failure(e);
    }
  }

  /** Everything is ready here: when this returns, all belongs to this process. */
  public void commit() throws UserException {
    try {
      channel.send(HandoverMessage.of(HandoverMessage.Step.READY));
      channel.receive(HandoverMessage.Step.YOURS, PATIENCE);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Tells the other that it can end, and waits until it has. */
  public void finish() throws IOException {
    channel.send(HandoverMessage.of(HandoverMessage.Step.DONE));
    channel.awaitEnd(PATIENCE);
  }

  private static UserException failure(Exception cause) {
    return new UserException(
        "nothing was taken over, the running daemon goes on: " + cause.getMessage(), cause);
  }

  @Override
  public void close() {
    channel.close();
  }
}
