package com.example.outboard.incubator;

import dev.outboard.spi.Capabilities;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.Peers;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** One uplink: an event loop, and for each worker a socket on it. All have the same address. */
final class IncubatorTransport implements Transport {
  private static final int END_SECONDS = 5;

  private final TransportContext context;
  private final InetSocketAddress local;
  private final EventLoopGroup eventLoop;
  private final Peers<InetSocketAddress> peers = new Peers<>();

  IncubatorTransport(TransportContext context, InetSocketAddress local) {
    this.context = context;
    this.local = local;
    eventLoop = Rings.eventLoop(new DefaultThreadFactory(Rings.NAME, true));
  }

  @Override
  public Capabilities capabilities() {
    return Capabilities.shared(Datagram.LARGEST_MTU, Integer.MAX_VALUE);
  }

  @Override
  public SharedPort openSharedPort(int worker) throws TransportException {
    IncomingFrames incoming = new IncomingFrames(peers, context);
    Bootstrap socket =
        new Bootstrap()
            .group(eventLoop)
            .channel(Rings.channel())
            .option(UnixChannelOption.SO_REUSEPORT, true)
            .option(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(Datagram.SLOT))
            .handler(incoming);
    ChannelFuture bound = socket.bind(local).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      incoming.close();
      throw new TransportException(
          "can't receive on " + local + ": " + bound.cause().getMessage(), bound.cause());
    }
    DatagramChannel channel = (DatagramChannel) bound.channel();
    return new IncubatorPort(channel, incoming, new OutgoingFrames(channel, peers, context));
  }

  @Override
  public NextHop openPeer(int network, String endpoint) throws TransportException {
    return peers.open(network, Endpoint.parse(endpoint));
  }

  @Override
  public void close() {
    eventLoop
        .shutdownGracefully(0, END_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(END_SECONDS, TimeUnit.SECONDS);
  }
}
