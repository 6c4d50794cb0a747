package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.Errno;
import dev.outboard.linux.LinuxException;
import dev.outboard.transport.kerneltcp.pool.PooledConnection;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A connection to a peer that frames are sent by. While it is idle the loop watches it; while it is
 * lent, the stream and the fields of the first part are its lane's.
 */
final class Trunk implements PooledConnection {
  final TrunkStream stream;

  /** Frames that were given to the kernel whole, and those that the peer has taken. */
  long sent;

  long acknowledged;

  /** An acknowledgement of which so many bytes have come. */
  final MemorySegment answer = Arena.ofAuto().allocate(64L * Wire.ACKNOWLEDGEMENT);

  int answerBytes;

  private final ControlLoop loop;
  private final Consumer<Trunk> closed;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private boolean isClosed;

  Trunk(ControlLoop loop, TrunkStream stream, Consumer<Trunk> closed) {
    this.loop = loop;
    this.stream = stream;
    this.closed = closed;
  }

  int fd() {
    return stream.socket().fd();
  }

  /** Nobody has it: the loop watches for its end. */
  void watchIdle() {
    if (!isClosed && !ended.isDone()) {
      watch(Epoll.IN | Epoll.RDHUP, this::onIdleEvent);
    }
  }

  /** Somebody gets it, who reads it; perhaps not at once, so its end is told. */
  void watchLent(Runnable hungUp) {
    watch(
        Epoll.RDHUP,
        () -> {
          loop.unwatch(fd());
          hungUp.run();
        });
  }

  private void watch(int events, Runnable ready) {
    try {
      loop.watch(fd(), events, ready);
    } catch (LinuxException e) {
      end();
    }
  }

  /** An idle trunk may still get acknowledgements; what is no such thing ends it. */
  private void onIdleEvent() {
    if (!readAnswers()) {
      end();
    }
  }

  /** Reads what has been acknowledged; false if the connection is over. Its owner; hot. */
  boolean readAnswers() {
    while (true) {
      long room = answer.byteSize() - answerBytes;
      long got = stream.receive(answer, answerBytes, room);
      if (got <= 0) {
        return got == -Errno.EAGAIN || got == -Errno.EINTR;
      }
      int bytes = answerBytes + (int) got;
      int at = 0;
      for (; bytes - at >= Wire.ACKNOWLEDGEMENT; at += Wire.ACKNOWLEDGEMENT) {
        long frames = Wire.acknowledged(answer, at);
        if (frames < acknowledged || frames > sent) {
          return false;
        }
        acknowledged = frames;
      }
      answerBytes = bytes - at;
      MemorySegment.copy(answer, at, answer, 0, answerBytes);
      if (got < room) {
        return true;
      }
    }
  }

  /** It is over: the pool closes it, now or when it comes back. */
  void end() {
    loop.unwatch(fd());
    ended.complete(null);
    drained.complete(null);
  }

  @Override
  public CompletionStage<Boolean> check() {
    // The kernel asks silent peers (TCP keep-alive), and the end is noticed at once.
    return CompletableFuture.completedFuture(!ended.isDone());
  }

  /** Waits for acknowledgements of what was sent, if the peer owes any. */
  @Override
  public CompletionStage<?> drain() {
    stream.shutdownOutput();
    if (!ended.isDone() && !isClosed) {
      watch(Epoll.IN | Epoll.RDHUP, this::onDrainEvent);
      onDrainEvent();
    }
    return drained;
  }

  private void onDrainEvent() {
    if (!readAnswers() || acknowledged == sent) {
      loop.unwatch(fd());
      drained.complete(null);
    }
  }

  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      loop.unwatch(fd());
      stream.close();
      ended.complete(null);
      drained.complete(null);
      closed.accept(this);
    }
  }

  @Override
  public CompletionStage<?> ended() {
    return ended;
  }
}
