package dev.outboard.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * No microVM at all: a plain process with a UDP socket, which carries the payload of the loads'
 * frames. It shows what the host's own network does with the same traffic. Made in the thread whose
 * network namespace it shall belong to, then used by any one thread.
 */
public final class HostPeer implements GuestDevice {
  private static final int SOCKET_BUFFER = 4 << 20;
  private static final int CAPACITY = 256;
  private static final int OVERHEAD = 1024;

  private final DatagramChannel channel;
  private final Selector selector;
  private final MemorySegment out = Arena.ofAuto().allocate(GuestOptions.SUPER_BUFFER);
  private final MemorySegment in = Arena.ofAuto().allocate(GuestOptions.SUPER_BUFFER);
  private ByteBuffer outPayload = out.asByteBuffer();
  private ByteBuffer inPayload = in.asByteBuffer();
  private int outTemplate;
  private int inTemplate;

  /** A socket bound to {@code own} that talks with {@code peer} alone; any local port if 0. */
  public HostPeer(InetSocketAddress own, InetSocketAddress peer) throws IOException {
    channel = DatagramChannel.open();
    try {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER);
      channel.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER);
      channel.bind(own).connect(peer);
      channel.configureBlocking(false);
      selector = Selector.open();
      SelectionKey _ = channel.register(selector, SelectionKey.OP_READ);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public int send(FrameTemplate template, long sequence, int count) {
    int payload = VirtioNet.HEADER_SIZE + template.payloadOffset();
    if (outTemplate != template.id()) {
      requireUdp(template);
      outTemplate = template.id();
      template.copyTo(out, 0);
      outPayload = out.asSlice(payload, template.payloadLength()).asByteBuffer();
    }
    try {
      for (int i = 0; i < count; i++) {
        template.stamp(out, 0, sequence + i);
        if (channel.write(outPayload.clear()) == 0) {
          return i;
        }
      }
      return count;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int receive(FrameCheck check, int limit) {
    FrameTemplate template = check.template();
    int payload = VirtioNet.HEADER_SIZE + template.payloadOffset();
    if (inTemplate != template.id()) {
      requireUdp(template);
      // The kernel takes the headers away; the check shall find them where they always are.
      inTemplate = template.id();
      template.copyTo(in, 0);
      inPayload = in.asSlice(payload).asByteBuffer();
    }
    try {
      for (int i = 0; i < limit; i++) {
        int read = channel.read(inPayload.clear());
        if (read <= 0) {
          return i;
        }
        check.accept(in, 0, payload + read, payload + read);
      }
      return limit;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void requireUdp(FrameTemplate template) {
    if (template.kind() != FrameTemplate.Kind.UDP) {
      throw new IllegalArgumentException("a host peer carries UDP only, not " + template.kind());
    }
  }

  @Override
  public void await(long timeoutNanos) {
    try {
      int _ = selector.select(Math.max(1, timeoutNanos / 1_000_000));
      selector.selectedKeys().clear();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int capacity(int length) {
    // What a socket takes is counted in pages and more: stay far below.
    return Math.clamp(SOCKET_BUFFER / 4L / (length + OVERHEAD), 1, CAPACITY);
  }

  @Override
  public void close() {
    try {
      selector.close();
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
