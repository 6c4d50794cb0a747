package dev.outboard.integration.handover;

import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.engine.handover.GuestState;
import dev.outboard.linux.Epoll;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.PeerCredentials;
import dev.outboard.linux.UnixSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The running daemon's side of a hand-over: waits, on a thread of its own, for a process of the
 * same user that wants the guests.
 */
public final class HandoverServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final System.Logger LOG = System.getLogger("outboard");

  private final Path path;
  private final Engine engine;
  private final Owner owner;
  private final int listener;
  private final int wake;
  private final Epoll events;
  private final Thread thread;
  private volatile boolean closed;

  /** The daemon whose guests are handed over. The server's thread calls it. */
  public interface Owner {
    /** Guests are going to be handed over soon: does what can be done before they stop. */
    void prepare();

    /**
     * Another process is about to have everything: gives up what only one can hold.
     *
     * @return false if this daemon is ending, and nothing is to be handed over
     */
    boolean giveUp();

    /** The other process has everything: this one can end. */
    void gone(long pid);
  }

  /** Listens at the path from now on. */
  public HandoverServer(Path path, Engine engine, Owner owner) throws LinuxException {
    this.path = path;
    this.engine = engine;
    this.owner = owner;
    listener = UnixSocket.listen(path, 0600, 1);
    wake = EventFd.create();
    events = new Epoll();
    events.add(listener, Epoll.IN, 0);
    events.add(wake, Epoll.IN, 0);
    thread = Thread.ofPlatform().daemon().name("hand-over").start(this::run);
  }

  private void run() {
    while (!closed) {
      int count = events.await(-1);
      int fd = closed || count <= 0 ? -1 : UnixSocket.accept(listener);
      if (fd >= 0) {
        serve(fd);
      }
    }
  }

  private void serve(int fd) {
    try (HandoverChannel channel = new HandoverChannel(fd)) {
      PeerCredentials peer = UnixSocket.peerCredentials(fd);
      Object own = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      if (peer.uid() != (int) own) {
        throw new IOException("user " + peer.uid() + " may not have the guests");
      }
      HandoverMessage hello = channel.receive(HandoverMessage.Step.HELLO, PATIENCE);
      if (hello.version() != HandoverMessage.VERSION) {
        String why =
            "the running daemon hands over by version %d, not %d: stop it, then start this one"
                .formatted(HandoverMessage.VERSION, hello.version());
        channel.send(HandoverMessage.refused(why));
        throw new IOException("process " + hello.pid() + " wants version " + hello.version());
      }
      owner.prepare();
      channel.send(HandoverMessage.of(HandoverMessage.Step.WELCOME));
      channel.receive(HandoverMessage.Step.GO, PATIENCE);
      if (handOver(channel)) {
        channel.receive(HandoverMessage.Step.DONE, PATIENCE);
        owner.gone(hello.pid());
        closed = true;
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "hand-over: " + e.getMessage());
      if (closed) {
        owner.gone(-1);
      }
    }
  }

  /** Returns whether the guests are the other's; if not, they go on here. */
  private boolean handOver(HandoverChannel channel) throws IOException {
    List<GuestState> guests;
    try {
      guests = engine.handOver();
    } catch (EngineException e) {
      channel.send(HandoverMessage.refused(e.getMessage()));
      throw new IOException(e.getMessage(), e);
    }
    boolean given = false;
    try {
      List<Integer> files = new ArrayList<>();
      List<GuestState> told =
          guests.stream().map(guest -> guest.withFiles(file -> place(files, file))).toList();
      channel.send(HandoverMessage.guests(told, files.size()));
      channel.sendFiles(files.stream().mapToInt(Integer::intValue).toArray());
      channel.receive(HandoverMessage.Step.READY, PATIENCE);
      given = owner.giveUp();
    } finally {
      if (!given) {
        engine.resume();
      }
    }
    if (given) {
      closed = true;
      Files.deleteIfExists(path);
      channel.send(HandoverMessage.of(HandoverMessage.Step.YOURS));
    }
    return given;
  }

  private static int place(List<Integer> files, int file) {
    files.add(file);
    return files.size() - 1;
  }

  /** Ends it; a hand-over that is under way is broken off, unless nothing can be taken back. */
  @Override
  public void close() {
    boolean first = !closed;
    closed = true;
    EventFd.signal(wake);
    try {
      if (Thread.currentThread() != thread) {
        thread.join(PATIENCE);
      }
      if (first) {
        Files.deleteIfExists(path);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "hand-over: " + e.getMessage());
    }
    FileDescriptors.close(listener);
    FileDescriptors.close(wake);
    events.close();
  }
}
