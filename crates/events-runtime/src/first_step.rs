use std::future::poll_fn;
use std::task::Poll;

use futures::future::BoxFuture;
use tokio::task::unconstrained;

/// Takes the first step of `future` here and now, and returns the rest of it where it did not end
/// with that step.
///
/// What is started in order this way begins in order, whichever tasks finish it. The step is not
/// cut short by the runtime's budget, or a busy task would lose its place.
pub(crate) async fn first_step(
    mut future: BoxFuture<'static, ()>,
) -> Option<BoxFuture<'static, ()>> {
    let step = poll_fn(|context| Poll::Ready(future.as_mut().poll(context)));
    match unconstrained(step).await {
        Poll::Ready(()) => None,
        Poll::Pending => Some(future),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::first_step;

    #[tokio::test]
    async fn the_first_step_is_taken_at_once_and_the_rest_goes_on_in_a_task() {
        let steps = Arc::new(AtomicUsize::new(0));
        let counter = steps.clone();
        let future = Box::pin(async move {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            counter.fetch_add(1, Ordering::SeqCst);
        });
        let rest = first_step(future).await.unwrap();
        assert_eq!(steps.load(Ordering::SeqCst), 1);
        tokio::spawn(rest).await.unwrap();
        assert_eq!(steps.load(Ordering::SeqCst), 2);
        assert!(first_step(Box::pin(async {})).await.is_none());
    }

    #[tokio::test]
    async fn a_step_is_whole_even_where_the_task_has_used_up_its_budget() {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1000);
        for number in 0..500 {
            let sender = sender.clone();
            let send = async move { sender.send(number).await.unwrap() };
            assert!(first_step(Box::pin(send)).await.is_none(), "{number}");
        }
        assert_eq!(receiver.recv().await, Some(0));
    }
}
