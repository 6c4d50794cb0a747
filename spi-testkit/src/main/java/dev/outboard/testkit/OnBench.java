package dev.outboard.testkit;

import dev.outboard.spi.Availability;
import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/** Gives a rule the {@link Bench} that it asks for, and runs it on the control thread. */
final class OnBench implements ParameterResolver, InvocationInterceptor {
  private static final ExtensionContext.Namespace ROOM =
      ExtensionContext.Namespace.create(OnBench.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Bench.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return new Bench((TransportKit) context.getRequiredTestInstance());
  }

  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    TransportKit kit = (TransportKit) context.getRequiredTestInstance();
    control(context, kit)
        .run(
            () -> {
              Availability availability = kit.provider().probe();
              Assumptions.assumeTrue(
                  availability.usable(),
                  () -> availability.reason() + "; " + availability.remedy());
              try {
                return invocation.proceed();
              } finally {
                close(method.getArguments());
              }
            });
  }

  private static ControlThread control(ExtensionContext context, TransportKit kit) {
    // The context of the class, so that its rules share the thread.
    ExtensionContext.Store store = context.getParent().orElse(context).getStore(ROOM);
    ControlThread thread =
        store.getOrComputeIfAbsent(
            ControlThread.class, _ -> new ControlThread(kit), ControlThread.class);
    if (thread.isLost()) {
      thread = new ControlThread(kit);
      store.put(ControlThread.class, thread);
    }
    return thread;
  }

  private static void close(List<Object> arguments) {
    for (Object argument : arguments) {
      if (argument instanceof Bench bench) {
        bench.close();
      }
    }
  }
}
