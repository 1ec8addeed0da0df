"""What is delivered after a commit, at least once: the queue, mails, SMS, and the threads that deliver."""
