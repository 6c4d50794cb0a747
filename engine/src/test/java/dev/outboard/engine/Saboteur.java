package dev.outboard.engine;

import dev.outboard.spi.GuestPort;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Supplier;

/**
 * Stands around a transport that works, and from a moment on has one call of its ports do something
 * else; for tests.
 */
final class Saboteur {
  private final String call;
  private final Supplier<Object> instead;
  private volatile boolean active;

  /**
   * Does nothing yet.
   *
   * @param call the method of the port
   * @param instead gives the answer, or throws
   */
  Saboteur(String call, Supplier<Object> instead) {
    this.call = call;
    this.instead = instead;
  }

  /** From now on it does what it is here for. */
  void begin() {
    active = true;
  }

  /** The transport with the saboteur around its ports. */
  TransportProvider around(TransportProvider provider) {
    return around(
        TransportProvider.class,
        (proxy, method, arguments) -> {
          if (!method.getName().equals("open")) {
            return call(method, provider, arguments);
          }
          Transport transport = open(provider, (TransportContext) arguments[0]);
          return around(Transport.class, (p, m, a) -> port(call(m, transport, a)));
        });
  }

  private static Transport open(TransportProvider provider, TransportContext context)
      throws TransportException {
    return provider.open(context);
  }

  private Object port(Object made) {
    return switch (made) {
      case SharedPort port -> around(SharedPort.class, sabotaged(port));
      case GuestPort port -> around(GuestPort.class, sabotaged(port));
      case null, default -> made;
    };
  }

  private InvocationHandler sabotaged(Object port) {
    return (proxy, method, arguments) ->
        active && method.getName().equals(call) ? instead.get() : call(method, port, arguments);
  }

  private static <T> T around(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(Saboteur.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object call(Method method, Object target, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
