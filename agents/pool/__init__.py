"""The pool of copy: what a model wrote before it was needed, judged before it is served."""
