package dev.outboard.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Frames that a guest's port reads straight into the guest's buffers. */
interface DirectReceiveRules {
  private static DirectInbox inbox(Pair pair) {
    return (DirectInbox) pair.right().in;
  }

  @Rule(
      id = "direct-2",
      says = "The port writes the virtio-net header as well, of the size that the space says.")
  default void theHeaderIsWritten(Bench bench) throws Exception {
    Pair pair = bench.pair();
    for (int header : new int[] {DirectInbox.LONG_HEADER, DirectInbox.SHORT_HEADER}) {
      DirectInbox inbox = inbox(pair);
      inbox.headerLength = header;
      List<Got> got = pair.carry(pair.frames(header * 10, 8));
      for (Got one : got) {
        // A kernel may say that the data is valid, which is no need.
        long fields = one.offload() & ~2L;
        Check.that(
            fields == 0, () -> "the header of a plain frame has the fields %x".formatted(fields));
      }
      Got.check(pair.frames(header * 10, 8), got, pair.counts());
    }
  }

  @Rule(
      id = "direct-3",
      says = "With mergeable buffers a frame may run on into the next, and takes them whole.")
  default void framesRunOverBuffers(Bench bench) throws Exception {
    Pair pair = bench.pair();
    int[][] shapes = {{300, 128}, {64, 64}, {1000, 333}, {2048, 40}, {100, 100}};
    DirectInbox inbox = inbox(pair);
    inbox.buffers = 64;
    int number = 0;
    for (int[] shape : shapes) {
      inbox.bufferBytes = shape[0];
      inbox.fragmentBytes = shape[1];
      List<Sent> frames = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        frames.add(pair.frame(number++, Frames.SHORTEST + i * 110));
      }
      pair.mustCarry(frames);
    }
  }

  @Rule(
      id = "direct-4",
      says =
          "Without mergeable buffers a frame that is larger than its one is dropped and counted.")
  default void largeFramesAreNotCutOff(Bench bench) throws Exception {
    Pair pair = bench.pair();
    DirectInbox inbox = inbox(pair);
    inbox.mergeable = false;
    inbox.headerLength = DirectInbox.SHORT_HEADER;
    inbox.bufferBytes = 512;
    inbox.fragmentBytes = 512;
    long before = pair.counted();
    Sent small = pair.frame(2, 400);
    List<Got> got = pair.carry(List.of(pair.frame(1, 1000), small), () -> pair.counted() - before);
    Got.check(List.of(small), got, pair.counts());
    Check.same(1L, pair.counted() - before, "frames counted as dropped");
  }

  @Rule(
      id = "direct-5",
      says =
          "A port stops where there is no room, or at the limit, and goes on with the same frame.")
  default void portsStopWhereThereIsNoRoom(Bench bench) throws Exception {
    Pair pair = bench.pair();
    DirectInbox inbox = inbox(pair);
    List<Sent> frames = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      frames.add(pair.frame(i, 1000));
    }
    int _ = pair.left().send(frames, 0);
    List<Got> got = new ArrayList<>();
    pair.right()
        .worker()
        .run(
            () -> {
              long deadline = System.nanoTime() + pair.patience();
              for (int turn = 0; got.size() < 20 && System.nanoTime() < deadline; turn++) {
                inbox.buffers = turn % 3 == 1 ? 0 : 2;
                int limit = turn % 3 == 2 ? 1 : 16;
                int count = pair.right().receiveNow(limit, got);
                int most = Math.min(limit, inbox.buffers);
                Check.that(count <= most, () -> "%d frames, room for %d".formatted(count, most));
                Check.same(inbox.space.frameCount(), count, "frames returned, of those recorded");
              }
              return null;
            });
    Got.check(frames, got, pair.counts());
  }

  @Rule(
      id = "direct-6",
      says = "The port writes into the buffers of the frames that it records, and nowhere else.")
  default void otherBuffersAreLeftAlone(Bench bench) throws Exception {
    Pair pair = bench.pair();
    DirectInbox inbox = inbox(pair);
    inbox.buffers = 16;
    List<Sent> frames = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      frames.add(pair.frame(i, 100 + i * 200));
    }
    int _ = pair.left().send(frames, 0);
    AtomicLong stray = new AtomicLong(-1);
    List<Got> got = new ArrayList<>();
    pair.right()
        .worker()
        .run(
            () -> {
              long deadline = System.nanoTime() + pair.patience();
              while (got.size() < frames.size() && System.nanoTime() < deadline) {
                int _ = pair.right().receiveNow(16, got);
                if (inbox.strayByte() >= 0) {
                  stray.set(inbox.strayByte());
                }
              }
              return null;
            });
    Check.that(
        stray.get() < 0, () -> "byte %d of the buffers was written to".formatted(stray.get()));
    Got.check(frames, got, pair.counts());
  }
}
