"""The pages: a page is one module here, one template in `html/`, and one test."""
