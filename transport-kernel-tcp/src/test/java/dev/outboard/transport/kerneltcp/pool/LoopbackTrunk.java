package dev.outboard.transport.kerneltcp.pool;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A real TCP connection to a peer that sends back each byte: as much of a trunk as a test needs.
 */
final class LoopbackTrunk implements PooledConnection {
  private final AsynchronousSocketChannel channel;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final AtomicReference<CompletableFuture<Boolean>> echo = new AtomicReference<>();
  private final ByteBuffer in = ByteBuffer.allocate(1);

  private LoopbackTrunk(AsynchronousSocketChannel channel) {
    this.channel = channel;
    read();
  }

  static CompletionStage<LoopbackTrunk> open(SocketAddress peer) {
    CompletableFuture<LoopbackTrunk> made = new CompletableFuture<>();
    try {
      AsynchronousSocketChannel channel = AsynchronousSocketChannel.open();
      channel.connect(
          peer,
          null,
          handler(
              (Void _) -> made.complete(new LoopbackTrunk(channel)),
              failure -> {
                close(channel);
                made.completeExceptionally(failure);
              }));
    } catch (IOException e) {
      made.completeExceptionally(e);
    }
    return made;
  }

  private void read() {
    in.clear();
    channel.read(
        in,
        null,
        handler(
            (Integer count) -> {
              if (count < 0) {
                ended.complete(null);
              } else {
                CompletableFuture<Boolean> waiting = echo.getAndSet(null);
                if (waiting != null) {
                  waiting.complete(true);
                }
                read();
              }
            },
            ended::completeExceptionally));
  }

  /** Sends a byte; complete when it has come back. One at a time. */
  CompletableFuture<Boolean> ping() {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    if (!echo.compareAndSet(null, answer)) {
      throw new IllegalStateException("two at a time have this connection");
    }
    channel.write(
        ByteBuffer.wrap(new byte[] {1}), null, handler(_ -> {}, answer::completeExceptionally));
    return answer;
  }

  @Override
  public CompletionStage<Boolean> check() {
    return ping();
  }

  @Override
  public CompletionStage<?> drain() {
    try {
      channel.shutdownOutput();
    } catch (IOException e) {
      ended.completeExceptionally(e);
    }
    return ended;
  }

  @Override
  public void close() {
    close(channel);
  }

  private static void close(AsynchronousSocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public CompletionStage<?> ended() {
    return ended;
  }

  private static <V> CompletionHandler<V, Object> handler(
      java.util.function.Consumer<V> done, java.util.function.Consumer<Throwable> failed) {
    return new CompletionHandler<>() {
      @Override
      public void completed(V value, Object attachment) {
        done.accept(value);
      }

      @Override
      public void failed(Throwable failure, Object attachment) {
        failed.accept(failure);
      }
    };
  }
}
